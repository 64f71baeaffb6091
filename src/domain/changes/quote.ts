import type { Money } from '../money';
import { salesCloseAt } from '../sales';

/** The money of a change: `difference` is negative when the new flights cost less. */
export interface ChangeMoney {
  newTotal: Money;
  fee: Money;
  difference: Money;
  toPay: Money;
  toRefund: Money;
}

/**
 * Returns what a change costs: `toPay − toRefund = difference + fee`, one of them zero.
 *
 * What goes back never exceeds the present price, so that the money taken so far covers it.
 */
export function quoteChange({
  price,
  newTotal,
  changeFee,
}: {
  /** What the booking costs now. */
  price: Money;
  /** What it costs afterwards. */
  newTotal: Money;
  /** Zero where the change is free of charge. */
  changeFee: Money;
}): ChangeMoney {
  const { currency } = price;
  if (newTotal.currency !== currency || changeFee.currency !== currency)
    throw new Error(`Bug: a booking in ${currency} is changed in ${newTotal.currency}`);
  const difference = newTotal.amount - price.amount;
  const due = difference + changeFee.amount;
  const money = (amount: number) => ({ amount, currency });
  return {
    newTotal: money(newTotal.amount),
    fee: money(changeFee.amount),
    difference: money(difference),
    toPay: money(Math.max(due, 0)),
    toRefund: money(Math.max(-due, 0)),
  };
}

/** Fares are agreed for as long as a hold lasts by default. */
const QUOTE_MS = 15 * 60 * 1000;

/**
 * Returns when a quote expires: after 15 minutes, or when sales of its first new flight close, or
 * when the booking's present first flight departs, whichever is soonest. A booking that the airline
 * has disrupted may have departed.
 */
export function quoteExpiresAt({
  quotedAt,
  newDepartures,
  departureAt,
}: {
  quotedAt: Date;
  /** Of the flights that come new. */
  newDepartures: readonly Date[];
  /** Of the booking as it is; null where that does not matter. */
  departureAt: Date | null;
}): Date {
  const ends = newDepartures.map((departure) => salesCloseAt(departure).getTime());
  if (departureAt !== null) ends.push(departureAt.getTime());
  return new Date(Math.min(quotedAt.getTime() + QUOTE_MS, ...ends));
}
