import type { Booking } from '../../domain/booking';
import type { MailKind } from '../../domain/mail';
import type { Money } from '../../domain/money';

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
  /** Whether the booking was changed after the event. */
  isChangedSince: boolean;
  /** When the event happened that the mail is about. */
  occurredAt: Date;
  /** The event's number among those of its booking. A calendar replaces what a lower one said. */
  sequence: number;
}
