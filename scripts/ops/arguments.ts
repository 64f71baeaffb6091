import { InvalidArgumentError, type Command } from 'commander';
import { validate as isUuid } from 'uuid';

/** What may be said of who did something and why, as workflows take it: a line of text. */
export function line(text: string): string {
  if (!/^\P{Cc}{1,200}$/u.test(text))
    throw new InvalidArgumentError('It takes one line of at most 200 characters.');
  return text;
}

export function paymentId(text: string): string {
  if (!isUuid(text)) throw new InvalidArgumentError('It takes the ID of a payment, a UUID.');
  return text.toLowerCase();
}

/** A calendar date. */
export function date(text: string): string {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
  if (!isDate) throw new InvalidArgumentError('It takes a date such as 2026-12-01.');
  return text;
}

/** In the currency's minor unit. */
export function amount(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value === 0)
    throw new InvalidArgumentError('It takes a whole number of the minor unit, such as cents.');
  return value;
}

export function currency(text: string): string {
  if (!/^[A-Z]{3}$/.test(text)) throw new InvalidArgumentError('It takes a code such as USD.');
  return text;
}

/** Every change names the person who makes it: the workflows' histories and the booking's events keep the name. */
export function madeBy(command: Command): Command {
  return command.requiredOption('--as <operator>', 'who does this: an operator’s ID', line);
}
