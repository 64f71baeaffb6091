/** What those outside hear of a booking: shops by webhook, its contact by mail. */
export const OUTGOING_EVENT_TYPES = [
  'booking.pending',
  'booking.booked',
  'booking.cancelled',
  'booking.changed',
  'booking.schedule_changed',
  'payment.declined',
  'refund.succeeded',
  'payment.disputed',
] as const;

export type OutgoingEventType = (typeof OUTGOING_EVENT_TYPES)[number];

/** An event for those outside. It holds no personal data. */
export interface OutgoingEvent {
  id: string;
  type: OutgoingEventType;
  bookingId: string;
  /** Counts the events of one booking, without gaps. */
  sequence: number;
  /** When it happened. */
  occurredAt: Date;
}
