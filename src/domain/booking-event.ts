/** What happens to a booking, in the words of its history. */
export const BOOKING_EVENT_TYPES = [
  'seats_held',
  'seats_refused',
  'payment_started',
  'payment_retried',
  'payment_declined',
  'payment_voided',
  'payment_not_applied',
  'booked',
  'cancelled',
  'refund_needs_operator',
  'refund_retried',
  'refunded',
  'refund_failed',
  'refunded_by_provider',
  'payment_disputed',
  'dispute_won',
  'dispute_lost',
] as const;

export type BookingEventType = (typeof BOOKING_EVENT_TYPES)[number];
