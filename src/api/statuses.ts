import { z } from 'zod';
import { BOOKING_STATUSES, CANCELLATION_REASONS, REFUND_STATUSES } from '../domain/booking';
import { PAYMENT_STATUSES } from '../domain/payment';

/** The statuses of bookings and payments, with their meaning for a client. */

export const PaymentStatusName = z.enum(PAYMENT_STATUSES).meta({
  id: 'PaymentStatus',
  description:
    '`processing`: asked for, the outcome is not known yet. `authorized`: reserved. ' +
    '`captured`: taken. `declined`: refused, nothing was taken. `voided`: given up, nothing was ' +
    'taken. `not_found`: another service reported it, and its provider does not know it.',
});

export const BookingStatusName = z.enum(BOOKING_STATUSES).meta({
  id: 'BookingStatus',
  description:
    '`initiated`: accepted, no seats yet. `pending`: seats are held until `paymentRequiredBy`. ' +
    '`booked`: paid for. `cancelled`: owns no seat.',
});

export const CancellationReasonName = z.enum(CANCELLATION_REASONS).meta({
  id: 'CancellationReason',
  description:
    '`seats_unavailable`: sold out. `flight_closed`: sales have closed, or a flight was moved meanwhile. ' +
    '`too_many_holds`: the customer holds too many seats unpaid. ' +
    '`payment_expired`: not paid for in time. `customer_request`, `operator_request`: cancelled. ' +
    '`reservation_failed`: something went wrong on our side. ' +
    '`flight_cancelled`: the airline cancelled or moved a flight.',
});

export const RefundStatusName = z.enum(REFUND_STATUSES).meta({
  id: 'RefundStatus',
  description:
    '`pending`: under way. `succeeded`: refunded. `needs_operator`: an operator must act.',
});
