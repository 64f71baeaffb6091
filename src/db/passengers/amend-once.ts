import type { Booking } from '../../domain/booking';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { AmendmentRequest } from '../../temporal/contracts/amendment';
import { readKnownBooking } from '../bookings/booking-view';
import type { Db } from '../connection';
import { bindOutcome } from '../idempotency/bind-outcome';
import type { AmendmentRoute } from '../idempotency/outcome';
import { findOutcome } from '../idempotency/outcome-view';

/**
 * Amends a booking within its transaction, binds the request's key to the amended booking, and
 * returns it. What a key has done is not done again, whatever has happened to the booking, or to its
 * workflow, since.
 *
 * @throws Refusal `idempotency_key_reused` when the key came with another request, and what `change`
 * throws: the transaction has no effect then.
 */
export async function amendOnce(
  trx: Db,
  route: AmendmentRoute,
  { bookingId, request }: { bookingId: string; request: AmendmentRequest },
  change: () => Promise<void>,
): Promise<Booking> {
  const { requestedBy: callerId, idempotencyKey, fingerprint } = request;
  const amend = async () => {
    await change();
    return readKnownBooking(trx, bookingId);
  };
  if (idempotencyKey === undefined) return amend();
  const key = { callerId, route, key: idempotencyKey };
  const readBound = async (): Promise<Booking | undefined> => {
    const bound = await findOutcome(trx, key);
    if (bound?.kind !== 'booking_amended') return undefined;
    if (bound.fingerprint !== fingerprint)
      throw new Refusal('idempotency_key_reused', REFUSAL_TEXTS.keyReused);
    return bound.body;
  };
  const bound = await readBound();
  if (bound !== undefined) return bound;
  const amended = await amend();
  await bindOutcome(trx, key, { fingerprint, kind: 'booking_amended', body: amended });
  // Another booking's request may have come with the same key at the same moment.
  await readBound();
  return amended;
}
