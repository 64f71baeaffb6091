import { randomUUID } from 'node:crypto';
import { reconciliationActivities } from '../../src/activities/reconciliation';
import type { Stuck } from '../../src/operations/stuck/case';
import { findStuck } from '../../src/operations/stuck/stuck';
import { waitUntil } from '../../src/cli/wait';
import type { Db } from '../../src/db/connection';
import { createRefund } from '../../src/db/refunds/refunds';
import { createPaymentProviders } from '../../src/payments/providers';
import { createSandboxGateway } from '../../src/payments/sandbox/gateway';
import { createBookingWorkflows } from '../../src/temporal/clients/bookings';
import { createPaymentWorkflows } from '../../src/temporal/clients/payment-workflows';
import { REFUND_WORKFLOW, refundWorkflowId } from '../../src/temporal/contracts/refund';
import { createWorkflowLookup } from '../../src/temporal/clients/workflow-lookup';
import { openStorefront, type Storefront } from '../support/api';
import { reconcile } from '../support/reconcile';
import { STARTING_MS } from '../support/shop';
import { terminate } from '../support/terminate';
import { PATIENCE_MS } from '../support/patience';

/**
 * What one run of reconciliation can't do hides nothing else: not another part, and not another
 * item.
 */

let shop: Storefront;

beforeAll(async () => {
  shop = await openStorefront();
}, STARTING_MS);

afterAll(() => shop.close(), STARTING_MS);

/**
 * The steps as a worker has them, on a task queue that nobody serves: what they start stays as it
 * is.
 */
function steps() {
  return reconciliationActivities({
    db: shop.dbOf('worker'),
    providers: createPaymentProviders(createSandboxGateway(shop.dbOf('sandbox'))),
    paymentWorkflows: createPaymentWorkflows(shop.env.client, 'nobody'),
    workflows: createWorkflowLookup(shop.env.client),
    bookingWorkflows: createBookingWorkflows(shop.env.client, 'nobody'),
  });
}

const LONG_AGO = "now() - interval '1 hour'";

/** A capture that is owed back for so many minutes; no workflow is at it. */
async function owedPayment(minutes: number): Promise<string> {
  const id = randomUUID();
  await shop.db.transaction(async (trx) => {
    await trx('payments').insert({
      id,
      reported_booking_id: 'unknown',
      booking_id: null,
      status: 'captured',
      amount: 100,
      currency: 'USD',
      provider: 'bank',
      provider_payment_id: `transfer-${id}`,
      captured_at: new Date(),
    });
    await createRefund(trx, {
      paymentId: id,
      money: { amount: 100, currency: 'USD' },
      reason: 'unknown_booking',
      whyOperator: 'foreign_provider',
    });
    await trx.raw(
      `UPDATE refunds SET created_at = now() - interval '${String(minutes)} minutes' WHERE payment_id = ?`,
      [id],
    );
  });
  return id;
}

/** A workflow that waits, as far as Temporal knows. */
async function waitingRefund(paymentId: string): Promise<string> {
  const { firstExecutionRunId } = await shop.env.client.workflow.start(REFUND_WORKFLOW, {
    workflowId: refundWorkflowId(paymentId),
    taskQueue: 'nobody',
    args: [{ paymentId }],
  });
  return firstExecutionRunId;
}

async function settleAll(db: Db): Promise<void> {
  await db.raw(`DELETE FROM refunds; DELETE FROM payments WHERE booking_id IS NULL`).catch(() => {
    throw new Error('Bug: the test could not clear what it made');
  });
}

async function listRefunding(): Promise<number> {
  let running = 0;
  for await (const _ of createWorkflowLookup(shop.env.client).refunding()) running += 1;
  return running;
}

/** More than two pages of a hundred. */
const WAITING = 250;

test(`${WAITING} refunds that wait for operators hide no newer one that no workflow handles, and are not touched`, async () => {
  const waiting = new Map<string, string>();
  for (let made = 0; made < WAITING; made += 50) {
    const ids = await Promise.all(Array.from({ length: 50 }, () => owedPayment(600)));
    const runs = await Promise.all(ids.map(waitingRefund));
    ids.forEach((id, index) => waiting.set(id, runs[index] ?? ''));
  }
  const orphan = await owedPayment(20);

  const system = { db: shop.db, client: shop.env.client, taskQueue: 'nobody' };
  const isOrphaned = ({ detail }: Stuck) => detail.includes('no workflow runs');
  await waitUntil(async () => (await listRefunding()) >= WAITING, {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('The index never heard of the workflows that wait'),
  });
  expect((await findStuck(system)).filter(isOrphaned)).toMatchObject([{ paymentId: orphan }]);
  expect(await steps().takeUpOpenPayments()).toEqual({ resumed: [orphan], failed: [] });

  for (const [id, runId] of [...waiting].slice(0, 5)) {
    const { runId: now } = await shop.env.client.workflow
      .getHandle(refundWorkflowId(id))
      .describe();
    expect(now).toBe(runId);
  }
  // Taken up, it has somebody: the next run has nothing to do.
  expect(await steps().takeUpOpenPayments()).toEqual({ resumed: [], failed: [] });
  await forget();
});

/** Rows that only exist for a test go, whatever the rules say of them. */
async function forget(): Promise<void> {
  await shop.db.transaction(async (trx) => {
    await trx.raw('SET LOCAL session_replication_role = replica');
    await settleAll(trx);
  });
}

test('a refund that can’t be taken up is named, and those behind it are taken up', async () => {
  const poisoned = await owedPayment(120);
  // An amount that no number of ours can hold.
  await shop.db.raw(`UPDATE payments SET amount = 9007199254740993 WHERE id = ?`, [poisoned]);
  const orphan = await owedPayment(20);
  const { resumed, failed } = await steps().takeUpOpenPayments();
  expect(resumed).toEqual([orphan]);
  expect(failed).toMatchObject([{ item: poisoned }]);
  await forget();
});

test('a hold that can’t be released is named, and those behind it are released', async () => {
  const [poisoned, next] = [await shop.hold(), await shop.hold()];
  for (const { handle } of [poisoned, next]) await terminate(shop.env.client, handle.workflowId);
  await shop.db.raw(
    `UPDATE bookings SET payment_required_by = ${LONG_AGO} WHERE status = 'pending'`,
  );
  const { bookingId } = poisoned.request;
  await shop.db.raw(`
    CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'poisoned'; END $$;
    CREATE TRIGGER poison BEFORE UPDATE ON bookings FOR EACH ROW
      WHEN (OLD.id = '${bookingId}') EXECUTE FUNCTION refuse_poison()`);

  const { released, failed } = await steps().freeOverdueHolds();
  expect(released).toEqual([next.request.bookingId]);
  expect(failed).toMatchObject([
    { item: bookingId, reason: expect.stringContaining('poisoned') as string },
  ]);

  await shop.db.raw('DROP TRIGGER poison ON bookings; DROP FUNCTION refuse_poison');
  expect(await steps().freeOverdueHolds()).toMatchObject({ released: [bookingId], failed: [] });
});

test('a payment of the provider that can’t be compared is named, and those behind it are compared', async () => {
  const intent = (id: string, currency: string) => ({
    id,
    idempotency_key: id,
    booking_id: randomUUID(),
    amount: 100,
    currency,
    payment_method: 'pm_card_visa',
    status: 'captured',
    captured_at: new Date(),
  });
  const table = 'sandbox_provider.payment_intents';
  await shop.db(table).insert(intent('spi_1_poisoned', 'x'.repeat(3_000_000)));
  await shop.db(table).insert(intent('spi_2_lost', 'USD'));
  const { delivered, failed } = await steps().compareWithProvider();
  expect(delivered).toEqual(['spi_2_lost']);
  expect(failed).toMatchObject([{ item: 'spi_1_poisoned' }]);
  await shop.db(table).where('id', 'like', 'spi_%').delete();
});

test('a rule that can’t be checked is named, and all others are checked', async () => {
  const sale = await shop.sell();
  await shop.db.transaction(async (trx) => {
    await trx.raw('SET LOCAL session_replication_role = replica');
    await trx('seats').where({ booking_id: sale.request.bookingId }).update({ state: 'held' });
  });
  await shop.db.raw('REVOKE SELECT ON sandbox_provider.refunds FROM flight_bookings_worker');
  const { violations, failed } = await steps().auditEveryRule();
  expect(failed).toMatchObject([
    { item: "the sandbox provider's refunds are ours, a pending one explaining any other" },
  ]);
  expect(violations.map(({ invariant }) => invariant)).toContain(
    'a held seat belongs to a pending booking, a sold one to a booked one',
  );
  await shop.db.raw('GRANT SELECT ON sandbox_provider.refunds TO flight_bookings_worker');
  await shop.db('seats').where({ booking_id: sale.request.bookingId }).update({ state: 'sold' });
});

const BREAK: [part: string, breaks: string, mends: string][] = [
  [
    'overdue_holds',
    'bookings RENAME COLUMN payment_required_by TO p',
    'bookings RENAME COLUMN p TO payment_required_by',
  ],
  [
    'open_payments',
    'refunds RENAME COLUMN created_at TO c',
    'refunds RENAME COLUMN c TO created_at',
  ],
  [
    'provider_comparison',
    'sandbox_provider.payment_intents RENAME COLUMN created_at TO c',
    'sandbox_provider.payment_intents RENAME COLUMN c TO created_at',
  ],
];

test.each(BREAK)(
  'when %s fails as a whole, the run says so, and the other parts report what they find',
  async (part, breaks, mends) => {
    const sale = await shop.sell();
    await shop.db.transaction(async (trx) => {
      await trx.raw('SET LOCAL session_replication_role = replica');
      await trx('passengers').where({ booking_id: sale.request.bookingId }).delete();
    });
    await shop.db.raw(`ALTER TABLE ${breaks}`);
    const report = await reconcile(shop).finally(() => shop.db.raw(`ALTER TABLE ${mends}`));
    expect(report.failed).toContainEqual({
      part,
      item: part === 'provider_comparison' ? 'sandbox' : null,
      reason: expect.stringContaining('does not exist') as string,
    });
    expect(report.violations.map(({ invariant }) => invariant)).toContain(
      'passengers sit in the seats of their booking',
    );
  },
);
