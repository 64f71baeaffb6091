import type { Money } from '../../domain/money';
import type { Db } from '../connection';
import { run, statement } from '../statement';

/**
 * Returns what the change cost, or gave back, that a `changed` mail is about; undefined if it is not
 * on record.
 *
 * A booking has one change at a time, so it is the last that began before the event of the mail. A
 * change has the instant of the event of its beginning: one transaction writes both.
 */
export async function readChangeCost(
  db: Db,
  mailId: string,
): Promise<{ toPay: Money; toRefund: Money } | undefined> {
  const [row] = await run(db, READ_CHANGE_COST, [mailId]);
  if (row === undefined) return undefined;
  const { currency } = row;
  return {
    toPay: { amount: row.to_pay_amount, currency },
    toRefund: { amount: row.to_refund_amount, currency },
  };
}

interface CostRow {
  to_pay_amount: number;
  to_refund_amount: number;
  currency: string;
}

const READ_CHANGE_COST = statement<CostRow, [mailId: string]>(
  'read_change_cost_of_mail',
  `SELECT c.to_pay_amount, c.to_refund_amount, c.currency
   FROM outgoing_events o
   CROSS JOIN LATERAL (
     SELECT e.occurred_at FROM booking_events e
     WHERE e.booking_id = o.booking_id AND e.id < o.booking_event_id AND e.type = 'change_started'
     ORDER BY e.id DESC LIMIT 1) started
   JOIN changes c ON c.booking_id = o.booking_id AND c.created_at = started.occurred_at
   WHERE o.id = $1`,
);
