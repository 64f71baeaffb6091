import { randomUUID } from 'node:crypto';
import { reserve } from '../../src/db/bookings/reservations';
import type { Db } from '../../src/db/connection';
import { captureId } from '../../src/db/ledger/ledger';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { startPayment } from '../../src/db/payments/card-payments';
import type { Booking } from '../../src/domain/booking';
import { proposeReference } from '../../src/domain/booking-reference';
import type { Unit } from './market';

/** Limits that no claim meets: each is of another customer. */
const TERMS = {
  paymentWindowSeconds: 900,
  maxOpenHoldsPerCustomer: 10,
  maxUnpaidHoldsPerFlight: 3,
  maxUnpaidHoldsPerDay: 20,
};

const FINGERPRINT = 'bench';

/** What differs from one claim or sale to the next, by the name of the script's variable. */
type Differing = Record<string, string>;

/**
 * Carries one claim or sale out by our own code, for a customer of its own.
 *
 * @throws Error when no seat is left.
 */
export async function carryOut(unit: Unit, db: Db, flightId: string): Promise<Differing> {
  const claim = await claimSeat(db, flightId);
  return unit === 'claim' ? claim.differing : { ...claim.differing, ...(await sell(db, claim)) };
}

async function claimSeat(db: Db, flightId: string) {
  const ids = { booking: randomUUID(), customer: `bench-${randomUUID()}`, key: randomUUID() };
  const now = new Date();
  const request = {
    bookingId: ids.booking,
    customerId: ids.customer,
    idempotencyKey: ids.key,
    flightId,
    cabin: 'economy' as const,
    passengers: [{ givenName: 'Ada', familyName: 'Lovelace', type: 'adult' as const }],
    contactEmail: null,
    fingerprint: FINGERPRINT,
  };
  const result = await reserve(db, request, { ...TERMS, requestedAt: now, heldAt: now });
  if (result.outcome !== 'held') throw new Error(`A claim was ${result.outcome}.`);
  const { booking } = result;
  const seat = booking.passengers[0]?.seatNumber ?? '';
  const reference = proposeReference(ids.booking);
  return { booking, differing: { ...ids, flight: flightId, reference, seat } };
}

/** What the worker does in our database for a payment; the provider's own part is left out. */
async function sell(
  db: Db,
  { booking, differing }: { booking: Booking; differing: { customer: string } },
): Promise<Differing> {
  const ids = { payment: randomUUID(), payment_key: randomUUID(), charge: `pi_${randomUUID()}` };
  const { amount, currency } = booking.price;
  const payment = {
    paymentId: ids.payment,
    bookingId: booking.id,
    customerId: differing.customer,
    amount,
    currency,
    paymentMethod: 'pm_card_visa',
    idempotencyKey: ids.payment_key,
    fingerprint: FINGERPRINT,
  };
  // No provider has taken this money: none whose records are compared with ours is named.
  await startPayment(db, payment, 'bench');
  await confirmWithCardPayment(db, payment, ids.charge);
  // The ledger's transaction derives from the payment.
  return { ...ids, capture: captureId(ids.payment) };
}
