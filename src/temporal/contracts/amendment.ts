import { defineUpdate } from '@temporalio/workflow';
import type { Booking } from '../../domain/booking';
import type { NameCorrection } from '../../domain/name-correction';

/** Messages about names and seats, between the API and a booking's workflow. Plain JSON. */

export interface AmendmentRequest {
  /** Who asks: the ID of the customer or the operator. */
  requestedBy: string;
  asOperator: boolean;
  /** Digest of the request's body: tells a retry from another request under the same key. */
  fingerprint: string;
  /** Absent where there is none. */
  idempotencyKey?: string;
}

export interface NameCorrectionRequest extends AmendmentRequest, NameCorrection {
  passengerId: string;
}

export interface SeatChoiceRequest extends AmendmentRequest {
  seats: { passengerId: string; flightId: string; seatNumber: string }[];
}

/** The booking after an amendment; `fingerprint` is that of the request that caused it. */
export interface AmendmentResult {
  fingerprint: string;
  booking: Booking;
}

/**
 * Corrects the name of a passenger of a held or sold booking. A name that is so already changes
 * nothing.
 *
 * Refused with `name_change_refused`, `passenger_not_found`, `payment_in_progress`,
 * `change_in_progress` or `idempotency_key_reused`.
 */
export const correctName = defineUpdate<AmendmentResult, [NameCorrectionRequest]>('correctName');

/**
 * Moves passengers of a held or sold booking to other seats of their cabin, all or none.
 *
 * Refused with `seats_unavailable`, `flight_closed`, `flight_departed`, `passenger_not_found`,
 * `booking_not_changeable`, `payment_in_progress`, `change_in_progress` or `idempotency_key_reused`.
 */
export const chooseSeats = defineUpdate<AmendmentResult, [SeatChoiceRequest]>('chooseSeats');
