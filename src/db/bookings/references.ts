import { proposeReference, REFERENCE_ATTEMPTS } from '../../domain/booking-reference';

/** References of a booking to try, one after another, until one is free. */
export function referencesOf(bookingId: string): string[] {
  return Array.from({ length: REFERENCE_ATTEMPTS }, (_, attempt) =>
    proposeReference(bookingId, attempt),
  );
}

/** The error of a booking none of whose references is free. */
export function noFreeReference(bookingId: string): Error {
  return new Error(`No free reference for booking ${bookingId}`);
}
