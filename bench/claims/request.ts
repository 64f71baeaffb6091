import { randomUUID } from 'node:crypto';
import { reserve } from '../../src/db/bookings/reservations';
import type { Db } from '../../src/db/connection';
import type { Booking } from '../../src/domain/booking';
import type { BookingRequest } from '../../src/temporal/contracts';

/** Limits that no claim meets: each is of another customer. */
const TERMS = {
  paymentWindowSeconds: 900,
  maxOpenHoldsPerCustomer: 10,
  maxUnpaidHoldsPerFlight: 3,
  maxUnpaidHoldsPerDay: 20,
};

/** One seat of a flight, for a customer of its own. */
export function claimOf(flightId: string): BookingRequest {
  return {
    bookingId: randomUUID(),
    customerId: `bench-${randomUUID()}`,
    flightId,
    cabin: 'economy',
    passengers: [{ givenName: 'Ada', familyName: 'Lovelace', type: 'adult' }],
    contactEmail: null,
    idempotencyKey: randomUUID(),
    fingerprint: 'bench',
  };
}

/** Claims the seat by our own code. Returns its number. @throws Error when none is left. */
export async function claimSeat(db: Db, request: BookingRequest): Promise<string> {
  return (await reserveSeat(db, request)).passengers[0]?.seatNumber ?? '';
}

/** The same, and returns the booking. */
export async function reserveSeat(db: Db, request: BookingRequest): Promise<Booking> {
  const now = new Date();
  const result = await reserve(db, request, { ...TERMS, requestedAt: now, heldAt: now });
  if (result.outcome !== 'held') throw new Error(`A claim was ${result.outcome}.`);
  return result.booking;
}
