import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { run, runOne, statement } from '../../db/statement';
import type PaymentIntents from '../../db/rows/sandbox_provider/PaymentIntents';
import type Refunds from '../../db/rows/sandbox_provider/Refunds';
import { isUnexplained, type ExplainedRefunds } from '../../domain/explained-refunds';
import { REFUNDED_OTHERWISE, type RefundAnswer } from '../gateway';
import { behaviourOf } from './cards';
import { noteReports, reportsOfAsking, reportsOfCapture } from './reports';

/**
 * The sandbox provider's own books: a schema of its own, and a transaction of its own for each
 * entry, as an outside company would have.
 */
export type PaymentIntent = PaymentIntents;

const INTENTS = 'sandbox_provider.payment_intents';
const REFUNDS = 'sandbox_provider.refunds';
const FAULTS = 'sandbox_provider.faults';

type NewIntent = Pick<
  PaymentIntent,
  | 'idempotency_key'
  | 'booking_id'
  | 'amount'
  | 'currency'
  | 'payment_method'
  | 'status'
  | 'decline_code'
>;

export type OpenedIntent = Pick<PaymentIntent, 'id' | 'status' | 'decline_code'>;

/** Opens an intent whose customer is asked, and notes what the customer does then. */
export async function openAskingIntent(db: Knex, intent: NewIntent): Promise<OpenedIntent> {
  return db.transaction(async (trx) => {
    const opened = await openIntent(trx, intent);
    const reports = reportsOfAsking(behaviourOf(intent.payment_method));
    if (opened.status === 'requires_action') await noteReports(trx, opened.id, reports);
    return opened;
  });
}

/** Opens an intent, or returns the one that the key opened first. */
export async function openIntent(db: Knex, intent: NewIntent): Promise<OpenedIntent> {
  return runOne(db, OPEN_INTENT, [
    `spi_${randomUUID()}`,
    intent.idempotency_key,
    intent.booking_id,
    intent.amount,
    intent.currency,
    intent.payment_method,
    intent.status,
    intent.decline_code,
  ]);
}

/** The update changes nothing: it makes the statement return a row that is there already. */
const OPEN_INTENT = statement<
  OpenedIntent,
  [
    id: string,
    key: string,
    bookingId: string | null,
    amount: number,
    currency: string,
    paymentMethod: string,
    status: string,
    declineCode: string | null,
  ]
>(
  'sandbox_open_intent',
  `INSERT INTO ${INTENTS} AS i (id, idempotency_key, booking_id, amount, currency, payment_method,
     status, decline_code)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
   ON CONFLICT (idempotency_key) DO UPDATE SET idempotency_key = i.idempotency_key
   RETURNING i.id, i.status, i.decline_code`,
);

export async function findIntentByKey(db: Knex, key: string): Promise<PaymentIntent | undefined> {
  return db<PaymentIntent>(INTENTS).where({ idempotency_key: key }).first();
}

export async function findIntent(db: Knex, id: string): Promise<PaymentIntent | undefined> {
  return db<PaymentIntent>(INTENTS).where({ id }).first();
}

/** How many intents one page of the list has. */
const PAGE = 500;

/**
 * Lists the captured intents among those opened since then, the oldest first, page by page, each
 * with how much of it was refunded.
 */
export async function* listCapturedIntents(
  db: Knex,
  since: Date,
): AsyncGenerator<PaymentIntent & { refunded: number }> {
  let after = { createdAt: since.toISOString(), id: '' };
  for (;;) {
    const { rows } = await db.raw<{ rows: (PaymentIntent & { refunded: number; key: string })[] }>(
      `SELECT i.*, CAST(i.created_at AS text) AS key, (
         SELECT CAST(coalesce(sum(r.amount), 0) AS bigint) FROM ${REFUNDS} r
         WHERE r.payment_intent_id = i.id) AS refunded
       FROM ${INTENTS} i
       WHERE i.status = 'captured' AND i.created_at >= CAST(:createdAt AS timestamptz)
         AND (i.created_at, i.id) > (CAST(:createdAt AS timestamptz), :id)
       ORDER BY i.created_at, i.id LIMIT ${String(PAGE)}`,
      after,
    );
    for (const { key: _, ...intent } of rows) yield intent;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = { createdAt: last.key, id: last.id };
  }
}

/** Returns how much of an intent's money was refunded. */
export async function findRefunded(db: Knex, intentId: string): Promise<number> {
  const refunds = await db<Refunds>(REFUNDS).where({ payment_intent_id: intentId });
  return refunds.reduce((sum, { amount }) => sum + amount, 0);
}

/**
 * Captures or voids an authorized intent. One that is settled already stays as it is, and so does
 * one of the payment methods `except`. Returns whether it was settled.
 */
export async function settleIntent(
  db: Knex,
  id: string,
  status: 'captured' | 'voided',
  except: readonly string[] = [],
): Promise<boolean> {
  const settled = await run(db, SETTLE_INTENT, [id, status, except]);
  return settled.length > 0;
}

/** Settles an intent as above, and notes what happens by itself once its money was taken. */
export async function settleReportedIntent(
  db: Knex,
  { id, payment_method }: Pick<PaymentIntent, 'id' | 'payment_method'>,
  status: 'captured' | 'voided',
): Promise<boolean> {
  return db.transaction(async (trx) => {
    const isSettled = await settleIntent(trx, id, status);
    if (isSettled && status === 'captured')
      await noteReports(trx, id, reportsOfCapture(behaviourOf(payment_method)));
    return isSettled;
  });
}

const SETTLE_INTENT = statement<
  object,
  [id: string, status: 'captured' | 'voided', except: readonly string[]]
>(
  'sandbox_settle_intent',
  `UPDATE ${INTENTS} SET status = $2, captured_at = CASE WHEN $2 = 'captured' THEN now() END
   WHERE id = $1 AND payment_method <> ALL ($3::text[])
     AND (status = 'authorized' OR ($2 = 'voided' AND status = 'requires_action'))
   RETURNING id`,
);

/**
 * Refunds captured money, once per key. Refused when the intent isn't captured, the sum of its
 * refunds would exceed it, or others than the explained ones were made.
 */
export async function refundIntent(
  db: Knex,
  {
    key,
    intentId,
    amount,
    explained,
  }: { key: string; intentId: string; amount: number; explained: ExplainedRefunds },
): Promise<RefundAnswer> {
  return db.transaction(async (trx) => {
    const intent = await trx<PaymentIntent>(INTENTS).where({ id: intentId }).forUpdate().first();
    const earlier = await trx<Refunds>(REFUNDS).where({ payment_intent_id: intentId });
    const repeated = earlier.find((refund) => refund.idempotency_key === key);
    if (repeated !== undefined) return { status: 'succeeded', providerRefundId: repeated.id };
    const refunded = earlier.reduce((sum, refund) => sum + refund.amount, 0);
    if (intent?.status !== 'captured' || refunded + amount > intent.amount)
      return { status: 'refused', code: 'exceeds_capture' };
    const theirs = earlier.map((each) => ({ refundId: each.idempotency_key, amount: each.amount }));
    if (isUnexplained(theirs, explained)) return { status: 'refused', code: REFUNDED_OTHERWISE };
    const id = `sre_${randomUUID()}`;
    await trx(REFUNDS).insert({ id, idempotency_key: key, payment_intent_id: intentId, amount });
    return { status: 'succeeded', providerRefundId: id };
  });
}

/**
 * Counts the tries of an operation under a key, durably: a killed process doesn't start over.
 * Returns the number of this try, from 1, and when the first one was.
 */
export async function countTry(
  db: Knex,
  key: string,
  operation: string,
): Promise<{ attempt: number; since: Date }> {
  const { rows } = await db.raw<{ rows: [{ attempt: number; since: Date }] }>(
    `INSERT INTO ${FAULTS} AS f (idempotency_key, operation, count) VALUES (?, ?, 1)
     ON CONFLICT (idempotency_key, operation) DO UPDATE SET count = f.count + 1
     RETURNING count AS attempt, first_tried_at AS since`,
    [key, operation],
  );
  return rows[0];
}
