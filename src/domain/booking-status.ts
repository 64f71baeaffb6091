export const BOOKING_STATUSES = ['initiated', 'pending', 'booked', 'cancelled'] as const;

/**
 * `initiated`: no seats yet; `pending`: seats are held until paid for; `booked`; `cancelled`: has
 * no seats.
 */
export type BookingStatus = (typeof BOOKING_STATUSES)[number];

/** Whether a booking is sold or cancelled: no payment can decide on it any more. */
export function isSettled(status: BookingStatus): boolean {
  return status === 'booked' || status === 'cancelled';
}
