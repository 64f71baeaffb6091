export const BOOKING_STATUSES = ['initiated', 'pending', 'booked', 'cancelled'] as const;

/**
 * `initiated`: no seats yet; `pending`: seats are held until paid for; `booked`; `cancelled`: has
 * no seats.
 */
export type BookingStatus = (typeof BOOKING_STATUSES)[number];
