import type { OutgoingEvent, OutgoingEventType } from '../../domain/outgoing-event';
import type { Db } from '../connection';
import { run, statement, type Statement } from '../statement';

/** Who hears of events: the owner's webhook endpoints, or the booking's contact by mail. */
export type Consumer = 'webhooks' | 'mail';

interface TakenRow {
  id: string;
  type: OutgoingEventType;
  booking_id: string;
  sequence: number;
  occurred_at: Date;
}

/**
 * Takes the oldest events that are due for a consumer: from then on they are not due any more.
 * Returns them in the order of their occurrence, at most `limit`.
 *
 * Must be called in the transaction that records what the consumer makes of them: if that is rolled
 * back, they are due again. Two callers at once get different events.
 */
export async function takeOutgoingEvents(
  trx: Db,
  consumer: Consumer,
  limit: number,
): Promise<OutgoingEvent[]> {
  const rows = await run(trx, TAKE[consumer], [limit]);
  return rows.map((row) => ({
    id: row.id,
    type: row.type,
    bookingId: row.booking_id,
    sequence: row.sequence,
    occurredAt: row.occurred_at,
  }));
}

const TAKE: Record<Consumer, Statement<TakenRow, [limit: number]>> = {
  webhooks: statement('take_events_for_webhooks', takeSql('webhooks_due')),
  mail: statement('take_events_for_mail', takeSql('mail_due')),
};

function takeSql(due: 'webhooks_due' | 'mail_due'): string {
  return `WITH taken AS (
     UPDATE outgoing_events SET ${due} = false
     WHERE id IN (SELECT id FROM outgoing_events WHERE ${due}
       ORDER BY occurred_at LIMIT $1 FOR UPDATE SKIP LOCKED)
     RETURNING id, type, booking_id, sequence, occurred_at
   )
   SELECT * FROM taken ORDER BY occurred_at, booking_id, sequence`;
}
