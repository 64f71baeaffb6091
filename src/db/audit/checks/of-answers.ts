import { UUID, type Check } from './check';

const NOTHING_IS_LOST = 'nothing that was answered with success is lost';

/** Selects successful answers whose booking or captured payment does not exist. */
function lostAnswers(which: string): string {
  const id = `CASE WHEN o.body ->> 'id' ~ '${UUID}' THEN CAST(o.body ->> 'id' AS uuid) END`;
  return `
    SELECT o.body ->> 'id' AS id, o.caller_id AS subject
    FROM idempotency_outcomes o
    LEFT JOIN bookings b ON o.route = 'bookings' AND b.id = ${id}
    LEFT JOIN payments p ON o.route = 'payments' AND p.id = ${id}
      AND p.status = 'captured'
    WHERE ${which} AND o.status_code = 201 AND b.id IS NULL AND p.id IS NULL`;
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
