import type { OutgoingEventType } from './outgoing-event';

/**
 * What a mail to the contact of a booking can be about:
 *
 * - `held`: seats are held until a deadline;
 * - `booked`: the booking is paid for, with receipt, itinerary and calendar;
 * - `cancelled`: it is cancelled, with what is refunded;
 * - `changed`: its flights were exchanged, with the new itinerary;
 * - `schedule_changed`: the airline cancelled or moved a flight, with what the customer can do.
 */
export type MailKind = 'held' | 'booked' | 'cancelled' | 'changed' | 'schedule_changed';

/** Returns what the mail about an event is about; undefined for events that make no mail. */
export function mailKindOf(event: OutgoingEventType): MailKind | undefined {
  switch (event) {
    case 'booking.pending':
      return 'held';
    case 'booking.booked':
      return 'booked';
    case 'booking.cancelled':
      return 'cancelled';
    case 'booking.changed':
      return 'changed';
    case 'booking.schedule_changed':
      return 'schedule_changed';
    case 'payment.declined':
    case 'refund.succeeded':
    case 'payment.disputed':
      return undefined;
    default:
      throw new Error(`Bug: ${String(event satisfies never)} is no event`);
  }
}

/**
 * What becomes of a mail:
 *
 * - `due`: it is to be sent;
 * - `sent`: the mail server has taken it;
 * - `refused`: the mail server will never take it;
 * - `withheld`: too many for its address within a day, or the address is gone;
 * - `expired`: the mail server has put it off for five days.
 */
export type MailStatus = 'due' | 'sent' | 'refused' | 'withheld' | 'expired';

/**
 * `held` mails that one address gets within 24 hours. Holding seats costs nothing, so others could
 * flood an address with them.
 */
export const MAX_HELD_MAILS_PER_DAY = 10;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** RFC 5321, 4.5.4.1: the time until a sender gives up is at least four to five days. */
const HOURS_UNTIL_GIVEN_UP = 5 * 24;

/** Servers that put strangers off at first want to be asked again after some minutes. */
const RETRY_DELAYS_MS = [
  30 * SECOND_MS,
  2 * MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  30 * MINUTE_MS,
  ...Array.from({ length: HOURS_UNTIL_GIVEN_UP }, () => HOUR_MS),
];

/**
 * Returns after how many milliseconds a mail is sent again that the server did not take for now,
 * given how often it was sent so far; undefined once that has lasted for five days. Time in which
 * nobody could ask the server is not part of them.
 */
export function retryDelayMs(attempts: number): number | undefined {
  return RETRY_DELAYS_MS[attempts - 1];
}
