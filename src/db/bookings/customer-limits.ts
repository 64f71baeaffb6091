import { UNPAID_HOLD_WINDOW_MS, type HoldLimits } from '../../domain/hold-limits';
import type { Db } from '../connection';

/**
 * A limit that a customer has reached. `retryAt` is when it ends without any action of the
 * customer.
 */
export interface ReachedLimit {
  detail: string;
  retryAt: Date;
}

/** Serializes everything that counts against one customer's limits, until the transaction ends. */
export async function lockCustomer(trx: Db, customerId: string): Promise<void> {
  await trx.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [customerId]);
}

/**
 * Returns the limit that prevents a customer's next hold on a flight, if any. Counts all holds that
 * were released before the customer's lock was taken. `at` is the time of the claim.
 */
export async function findReachedHoldLimit(
  trx: Db,
  { customerId, flightId }: { customerId: string; flightId: string },
  limits: HoldLimits,
  at: Date,
): Promise<ReachedLimit | undefined> {
  const freeAt = await findEndOfOpenHolds(trx, customerId, limits.maxOpenHoldsPerCustomer);
  if (freeAt !== undefined) return { detail: TOO_MANY_OPEN, retryAt: freeAt };

  const released = { customerId, since: new Date(at.getTime() - UNPAID_HOLD_WINDOW_MS) };
  const oldest = [
    await findReleasedHold(trx, { ...released, flightId }, limits.maxUnpaidHoldsPerFlight),
    await findReleasedHold(trx, released, limits.maxUnpaidHoldsPerDay),
  ].flatMap((createdAt) => createdAt?.getTime() ?? []);
  if (oldest.length === 0) return undefined;
  const retryAt = new Date(Math.max(...oldest) + UNPAID_HOLD_WINDOW_MS);
  return { detail: TOO_MANY_RELEASED, retryAt };
}

const TOO_MANY_OPEN =
  'You hold as many unpaid bookings as one customer may: pay for one, cancel one, or let one expire.';

const TOO_MANY_RELEASED =
  'You have let go of as many unpaid bookings as one customer may within 24 hours.';

/**
 * Returns when enough open holds will have ended to be fewer than `limit`; undefined when they are
 * fewer now.
 */
async function findEndOfOpenHolds(
  trx: Db,
  customerId: string,
  limit: number,
): Promise<Date | undefined> {
  const ending = await trx('bookings')
    .where({ customer_id: customerId, status: 'pending' })
    .orderBy('payment_required_by', 'desc')
    .offset(Math.max(limit, 1) - 1)
    .first('payment_required_by');
  return ending?.payment_required_by ?? undefined;
}

/**
 * Returns when the hold was requested whose leaving the window brings the customer below `limit`
 * released unpaid holds.
 *
 * A booking with any payment that was tried and not declined is not counted: the payment may have
 * failed on our side.
 */
async function findReleasedHold(
  trx: Db,
  { customerId, flightId, since }: { customerId: string; flightId?: string; since: Date },
  limit: number,
): Promise<Date | undefined> {
  const query = trx('bookings')
    .where({ customer_id: customerId, status: 'cancelled' })
    .where('created_at', '>', since)
    .whereRaw("cancellation_reason IN ('payment_expired', 'customer_request')")
    .whereRaw(
      `NOT EXISTS (SELECT FROM payments p
       WHERE p.booking_id = bookings.id AND p.status <> 'declined')`,
    )
    .orderBy('created_at', 'desc')
    .offset(limit - 1);
  if (flightId !== undefined) void query.where({ flight_id: flightId });
  const oldest = await query.first('created_at');
  return oldest?.created_at;
}

/** How long a declined payment counts against its customer. */
const DECLINES_WINDOW = '1 hour';

/**
 * Returns the limit if so many of a customer's cards were declined within an hour that no other may
 * be tried; else undefined.
 */
export async function findReachedDeclineLimit(
  db: Db,
  customerId: string,
  maxDeclinesPerHour: number,
): Promise<ReachedLimit | undefined> {
  const { rows } = await db.raw<{ rows: { retryAt: Date }[] }>(
    `SELECT created_at + interval '${DECLINES_WINDOW}' AS "retryAt" FROM payments
     WHERE customer_id = :customerId AND status = 'declined'
       AND created_at > now() - interval '${DECLINES_WINDOW}'
     ORDER BY created_at DESC OFFSET :offset LIMIT 1`,
    { customerId, offset: maxDeclinesPerHour - 1 },
  );
  return rows[0] && { detail: TOO_MANY_DECLINES, retryAt: rows[0].retryAt };
}

const TOO_MANY_DECLINES =
  'Too many of your payments were declined within an hour: wait before you try another.';
