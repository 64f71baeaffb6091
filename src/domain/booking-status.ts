export const BOOKING_STATUSES = ['initiated', 'pending', 'booked', 'cancelled'] as const;

/**
 * `initiated`: no seats yet; `pending`: seats held until paid for; `booked`; `cancelled`: owns no
 * seat.
 */
export type BookingStatus = (typeof BOOKING_STATUSES)[number];
