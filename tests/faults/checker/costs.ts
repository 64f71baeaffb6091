import { Change, read } from './bodies';
import { cameToNothing, type Attempts } from './requests';
import type { BookingStory, Story } from './story';

/** A booking whose owner could read it, and its payments, at the end. */
export type Known = BookingStory & {
  last: NonNullable<BookingStory['last']>;
  payments: NonNullable<BookingStory['payments']>;
};

export function isKnown(booking: BookingStory): booking is Known {
  return booking.last !== undefined && booking.payments !== undefined;
}

export function sum(amounts: number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}

/** What each change of a booking was to cost, and to give back, in the order of sending. */
export interface Costs {
  toPay: number;
  toRefund: number;
}

/**
 * Returns what the changes of a booking have cost, by their quotes; undefined where that is not
 * known, as one of them was not told to be made, and not refused.
 */
export function costsOf({ requests }: BookingStory, { quotes }: Story): Costs[] | undefined {
  const costs = changesOf(requests).map((attempts) => costOf(attempts, quotes));
  return costs.every((cost) => cost !== undefined) ? costs : undefined;
}

/** The changes that may have had an effect, each with its repetitions. */
export function changesOf(requests: Attempts[]): Attempts[] {
  return requests.filter((attempts) => attempts[0]?.kind === 'change' && !cameToNothing(attempts));
}

/** Whether a change was acknowledged as completed. */
export function isMade(attempts: Attempts): boolean {
  return attempts.some(({ kind, response }) => {
    if (kind !== 'change' || response?.status !== 201) return false;
    return read(Change, response.body)?.status === 'completed';
  });
}

function costOf(attempts: Attempts, quotes: Story['quotes']): Costs | undefined {
  const { quoteId = '' } = (attempts[0]?.request.body ?? {}) as { quoteId?: string };
  const quote = isMade(attempts) ? quotes.get(quoteId) : undefined;
  return quote && { toPay: quote.toPay.amount, toRefund: quote.toRefund.amount };
}
