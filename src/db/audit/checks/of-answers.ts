import { UUID, type Check } from './check';

const NOTHING_IS_LOST = 'nothing that was answered with success is lost';

/** Selects successful answers whose booking or captured payment does not exist. */
function lostAnswers(which: string): string {
  // OFFSET 0 keeps PostgreSQL from parsing the body again for each use of the ID.
  return `
    SELECT o.id, o.caller_id AS subject
    FROM (
      SELECT o.caller_id, o.route, o.body ->> 'id' AS id FROM idempotency_outcomes o
      WHERE ${which} AND kind_of_outcome(o) IN ('booking_created', 'booking_amended', 'payment_captured')
      OFFSET 0
    ) o
    LEFT JOIN bookings b ON o.route IN ('bookings', 'passengers', 'seats')
      AND b.id = CASE WHEN o.id ~ '${UUID}' THEN CAST(o.id AS uuid) END
    LEFT JOIN payments p ON o.route = 'payments' AND p.status = 'captured'
      AND p.id = CASE WHEN o.id ~ '${UUID}' THEN CAST(o.id AS uuid) END
    WHERE b.id IS NULL AND p.id IS NULL`;
}

/** Checks of the answers that are bound to idempotency keys. */
export const OF_ANSWERS: readonly Check[] = [
  {
    invariant: NOTHING_IS_LOST,
    batch: 'answers',
    query: lostAnswers(`(o.caller_id, o.route, o.key) > (:afterCaller, :afterRoute, :afterKey)
      AND (o.caller_id, o.route, o.key) <= (:lastCaller, :lastRoute, :lastKey)`),
    keptAs: 'caller',
  },
  {
    invariant: NOTHING_IS_LOST,
    batch: 'recent',
    query: lostAnswers('o.created_at >= :from AND o.created_at < :to'),
    keptAs: 'caller',
  },
];
