import { InvalidArgumentError } from 'commander';
import { validate as isUuid } from 'uuid';

/** Parses a name or a reason, as workflows accept it: a line of text. */
export function line(text: string): string {
  if (!/^\P{Cc}{1,200}$/u.test(text))
    throw new InvalidArgumentError('It takes one line of at most 200 characters.');
  return text;
}

/** Every change names its author: workflows' histories and bookings' events keep the name. */
export const AS_OPTION = ['--as <operator>', 'who does this: an operator’s ID', line] as const;

export function paymentId(text: string): string {
  if (!isUuid(text)) throw new InvalidArgumentError('It takes the ID of a payment, a UUID.');
  return text.toLowerCase();
}

/** Which refund of a payment is meant: a changed booking may have several open. */
export const REFUND_OPTION = [
  '--refund <refundId>',
  'which of its refunds, if several are open',
  refundId,
] as const;

function refundId(text: string): string {
  if (!isUuid(text)) throw new InvalidArgumentError('It takes the ID of a refund, a UUID.');
  return text.toLowerCase();
}

/** Parses a calendar date. */
export function date(text: string): string {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
  if (!isDate) throw new InvalidArgumentError('It takes a date such as 2026-12-01.');
  return text;
}

/** Parses an instant with its time zone. */
export function instant(text: string): Date {
  const isInstant = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})$/.test(text);
  if (!isInstant || Number.isNaN(Date.parse(text)))
    throw new InvalidArgumentError('It takes an instant such as 2026-12-01T09:30:00Z.');
  return new Date(text);
}

/** Parses a whole number: at least one. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It takes a whole number of at least 1.');
  return value;
}

/** Parses an amount in the currency's minor unit. */
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

/** Parses the lifetime of a token, in jose's format. */
export function lifetime(text: string): string {
  if (!/^\d+ ?(seconds?|minutes?|hours?|days?|weeks?|[smhdw])$/.test(text))
    throw new InvalidArgumentError('It takes a time such as 30m, 8h or 2d.');
  return text;
}

/** Parses the number of open holds that a token may allow: the API accepts no more. */
export function openHolds(text: string): number {
  if (!/^[1-9]\d{0,3}$|^10000$/.test(text))
    throw new InvalidArgumentError('It takes a whole number from 1 to 10000.');
  return Number(text);
}
