import type { Booking } from '../../domain/booking';
import type { Money } from '../../domain/money';

/** What a mail can be about. */
export const MAIL_KINDS = ['held', 'booked', 'cancelled', 'changed', 'schedule_changed'] as const;

/**
 * - `held`: seats are held until a deadline;
 * - `booked`: the booking is paid for, with receipt, itinerary and calendar;
 * - `cancelled`: it is cancelled, with what is refunded;
 * - `changed`: its flights were exchanged, with the new itinerary;
 * - `schedule_changed`: the airline cancelled or moved a flight, with what the customer can do.
 */
export type MailKind = (typeof MAIL_KINDS)[number];

/** What a change of a booking cost, or gave back. */
export interface ChangeCost {
  toPay: Money;
  toRefund: Money;
}

/** One mail about a booking, before it is put into words. */
export interface Mail {
  kind: MailKind;
  /** As it is when the mail is composed. */
  booking: Booking;
  /** Of a `changed` mail, if it is known. */
  change: ChangeCost | null;
  /** When the event happened that the mail is about. */
  occurredAt: Date;
  /** The event's number among those of its booking. A calendar replaces what a lower one said. */
  sequence: number;
}

/** Who sends mails: a name that people read, and an address. */
export interface Sender {
  name: string;
  address: string;
}
