import { UNPAID_HOLD_WINDOW_MS, type HoldLimits } from '../../domain/hold-limits';
import type { Call } from '../batch';
import type { Db } from '../connection';
import { namedLock } from '../named-lock';
import { call, run, statement } from '../statement';

/**
 * A limit that a customer has reached. `retryAt` is when it ends without any action of the
 * customer.
 */
export interface ReachedLimit {
  detail: string;
  retryAt: Date;
}

/** Serializes everything that counts against one customer's limits, until the transaction ends. */
export function customerLock(customerId: string): Call<object> {
  return call(LOCK_CUSTOMER, [customerId]);
}

const LOCK_CUSTOMER = namedLock('lock_customer');

/** The parameters of {@link holdsSql}, from `$3` on. */
export type CountedHolds = [
  customerId: string,
  openBefore: number,
  since: Date,
  releasedOfFlightBefore: number,
  releasedBefore: number,
];

/** What {@link holdsSql} returns: null where the customer is below a limit. */
export interface HoldsRow {
  /** When enough open holds will have ended to be below the limit. */
  open_until: Date | null;
  /** When the holds were requested whose leaving the window brings the customer below a limit. */
  released_of_flight: Date | null;
  released: Date | null;
}

/**
 * Unpaid holds that the customer let go of within the window, the latest first. A booking is not
 * counted where a payment failed on our side, came too late, or may yet be taken. One that was not
 * confirmed, or that its bank refused, excuses nobody.
 */
const RELEASED_HOLDS = `
  FROM bookings b
  WHERE b.customer_id = $3 AND b.status = 'cancelled' AND b.created_at > $5
    AND b.cancellation_reason IN ('payment_expired', 'customer_request')
    AND NOT EXISTS (
      SELECT FROM payments p WHERE p.booking_id = b.id AND p.status NOT IN ('declined', 'voided'))
    AND NOT EXISTS (
      SELECT FROM booking_events e
      WHERE e.booking_id = b.id AND e.type = 'payment_voided' AND e.reason IS NULL)`;

/**
 * Whether a booking `b` is, or was, of a flight. Counted, since PostgreSQL might read the whole
 * table for EXISTS beside an OR.
 */
const isOf = (flightId: string) => `
  (b.flight_id = ${flightId} OR b.segment_count > 1 AND 1 = (
    SELECT count(*) FROM booking_segments g WHERE g.booking_id = b.id AND g.flight_id = ${flightId}))`;

/** Columns about the holds of a customer who wants another one of a flight. */
export function holdsSql(flightId: string): string {
  return `
  (SELECT b.payment_required_by FROM bookings b WHERE b.customer_id = $3 AND b.status = 'pending'
   ORDER BY b.payment_required_by DESC OFFSET $4 LIMIT 1) AS open_until,
  (SELECT b.created_at ${RELEASED_HOLDS} AND ${isOf(flightId)}
   ORDER BY b.created_at DESC OFFSET $6 LIMIT 1) AS released_of_flight,
  (SELECT b.created_at ${RELEASED_HOLDS} ORDER BY b.created_at DESC OFFSET $7 LIMIT 1) AS released`;
}

/** Returns the parameters of {@link holdsSql}. `at` is the time of the claim. */
export function countedHolds(customerId: string, limits: HoldLimits, at: Date): CountedHolds {
  return [
    customerId,
    Math.max(limits.maxOpenHoldsPerCustomer, 1) - 1,
    new Date(at.getTime() - UNPAID_HOLD_WINDOW_MS),
    limits.maxUnpaidHoldsPerFlight - 1,
    limits.maxUnpaidHoldsPerDay - 1,
  ];
}

/**
 * Returns the limit that prevents a customer's next hold, if any, as found under their lock: a row
 * for each flight that they want. A booking counts as one hold, and as one of each of its flights.
 */
export function reachedHoldLimit(holds: readonly HoldsRow[]): ReachedLimit | undefined {
  for (const { open_until: retryAt } of holds)
    if (retryAt !== null) return { detail: TOO_MANY_OPEN, retryAt };
  const oldest = holds
    .flatMap(({ released_of_flight: ofFlight, released }) => [ofFlight, released])
    .flatMap((at) => at?.getTime() ?? []);
  if (oldest.length === 0) return undefined;
  const retryAt = new Date(Math.max(...oldest) + UNPAID_HOLD_WINDOW_MS);
  return { detail: TOO_MANY_RELEASED, retryAt };
}

const TOO_MANY_OPEN =
  'You hold as many unpaid bookings as one customer may: pay for one, cancel one, or let one expire.';

const TOO_MANY_RELEASED =
  'You have let go of as many unpaid bookings as one customer may within 24 hours.';

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
  const [last] = await run(db, FIND_LAST_DECLINE, [customerId, maxDeclinesPerHour - 1]);
  return last && { detail: TOO_MANY_DECLINES, retryAt: last.retry_at };
}

/**
 * A query of the declined payment whose leaving the window brings a customer below a limit; none
 * when they are below it. `before` is the parameter of how many declines come before it.
 */
export function lastDeclineSql(customerId: string, before: string): string {
  return `SELECT created_at + interval '${DECLINES_WINDOW}' AS retry_at FROM payments
     WHERE customer_id = ${customerId} AND status = 'declined'
       AND created_at > now() - interval '${DECLINES_WINDOW}'
     ORDER BY created_at DESC OFFSET ${before} LIMIT 1`;
}

const FIND_LAST_DECLINE = statement<{ retry_at: Date }, [customerId: string, before: number]>(
  'find_last_decline',
  lastDeclineSql('$1', '$2'),
);

const TOO_MANY_DECLINES =
  'Too many of your payments were declined within an hour: wait before you try another.';
