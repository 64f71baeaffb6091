import type { Booking, BookingStatus, RefundStatus } from '../booking';
import type { Payment } from '../payment';
import type { ChangeMoney } from './quote';
import type { SliceExchange } from './exchange';
import type { RefusalCode } from '../refusal';

export const CHANGE_STATUSES = ['pending', 'completed', 'failed'] as const;

/**
 * `pending`: its seats are held beside the present ones, and its money is being taken; `completed`;
 * `failed`: the booking is as before, and nothing is taken.
 */
export type ChangeStatus = (typeof CHANGE_STATUSES)[number];

/** What a change of a booking would cost, agreed until it expires. It holds no seats. */
export interface ChangeQuote extends ChangeMoney {
  id: string;
  bookingId: string;
  expiresAt: string;
  slices: SliceExchange[];
}

/** A change of a booking as its owner sees it. */
export interface Change {
  id: string;
  bookingId: string;
  status: ChangeStatus;
  /** As it is now. */
  booking: Booking;
  payment: Payment | null;
  refund: { status: RefundStatus; amount: number; currency: string } | null;
  /** Why it failed; null unless it did. */
  failure: ChangeFailure | null;
}

/** Why a change that was begun failed. One that is refused was never begun. */
export const CHANGE_FAILURES = ['payment_declined', 'payment_not_completed'] as const;

export type ChangeFailure = (typeof CHANGE_FAILURES)[number];

/** What decides whether a booking can be changed. */
export interface ChangeableBooking {
  status: BookingStatus;
  changeable: boolean;
  /** Of its first flight. */
  departureAt: Date;
  isChanging: boolean;
  /** Whether a significant schedule change is not responded to. */
  isDisrupted: boolean;
}

/**
 * Returns why a booking can't be changed now; undefined if it can be. A change begins before the
 * first flight departs, as a cancellation does. What the airline has disrupted can be changed
 * whatever its fare says, and under way.
 */
export function findChangeObstacle(
  { status, changeable, departureAt, isChanging, isDisrupted }: ChangeableBooking,
  at: Date,
): Extract<RefusalCode, 'booking_not_changeable' | 'change_in_progress'> | undefined {
  if (status !== 'booked') return 'booking_not_changeable';
  const isAllowed = isDisrupted || (changeable && at < departureAt);
  if (!isAllowed) return 'booking_not_changeable';
  return isChanging ? 'change_in_progress' : undefined;
}
