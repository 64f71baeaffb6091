import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../../scripts/stack/settings';
import { bookingState, type ExternalPaymentReport } from '../../src/temporal/contracts/booking';
import { refundState, refundWorkflowId, settleRefund } from '../../src/temporal/contracts/refund';
import { workflowBundle } from '../support/workflow-bundle';
import {
  APIS,
  LARGEST,
  openClusterShop,
  PAYMENT_WINDOW_SECONDS,
  untilSeen,
  WORKERS,
  type ClusterShop,
} from './cluster-shop';
import { forEach, openDoors } from './traffic';

/**
 * What several processes of each kind are for: one dies, one is started anew, a release comes, and
 * no customer notices.
 */

let shop: ClusterShop | undefined;

const OPENING_MS = 1_300_000;

beforeAll(async () => {
  shop = await openClusterShop();
}, OPENING_MS);

afterAll(() => shop?.close(), 120_000);

function cluster(): ClusterShop {
  if (shop === undefined) throw new Error('The cluster is not open');
  return shop;
}

/** As many as keep two cores busy, and not more. */
const DOORS = 4;

test('it is made of the services that docker-compose.yml describes', () => {
  const { services } = parse(readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8'), {
    merge: true,
  }) as { services: Record<string, { restart: string; profiles?: string[] }> };
  const lasting = Object.entries(services).flatMap(([name, { restart, profiles }]) =>
    restart === 'unless-stopped' && profiles === undefined ? [name] : [],
  );
  const parts = readdirSync(cluster().runDir).flatMap(
    (file) => /^(.*)[.]pid$/.exec(file)?.[1] ?? [],
  );
  // Compose numbers the two workers by itself.
  const named = new Set(parts.map((part) => (WORKERS.includes(part) ? 'worker' : part)));
  expect([...named].sort()).toEqual(lasting.sort());
});

test('an API and a worker are killed among customers: nothing that was answered is lost, and nobody pays twice', async () => {
  const { shopper, flights, stack, audit } = cluster();
  const nextFlight = await flights();
  const buy = async () => {
    const customer = await shopper(nextFlight());
    const held = await customer.create();
    const paid = await customer.pay(held.body);
    return { customer, answers: [held, paid].map(({ status, text }) => ({ status, text })) };
  };
  const traffic = openDoors(DOORS, buy);
  await untilSeen('customers', () => traffic.count() >= 10);
  for (const part of ['api-1', 'worker-1']) process.kill(stack.pidOf(part), 'SIGKILL');
  const sold = traffic.count();
  await untilSeen('customers after that', () => traffic.count() >= sold + 50);
  const served = await traffic.end();

  const answers = served.flatMap((each) => each.answers);
  expect(answers.filter(({ status }) => status !== 201)).toEqual([]);
  for (const { customer } of served) {
    expect(await customer.read()).toMatchObject({ id: customer.bookingId, status: 'booked' });
    expect(await customer.charges()).toEqual(['captured']);
  }
  expect(await audit()).toEqual([]);
});

test('APIs and workers are started anew, one after another: no request fails', async () => {
  const { shopper, flights, restart, audit } = cluster();
  const nextFlight = await flights();
  const failures: unknown[] = [];
  const buy = async () => {
    const flight = nextFlight();
    const { client, bookingKey, paymentKey } = await shopper(flight);
    try {
      // Asked once: whoever must ask again has seen it fail.
      const held = await client.create(flight, {}, bookingKey);
      if (held.status !== 201) failures.push([held.status, held.text]);
      else {
        const paid = await client.pay(held.body, {}, paymentKey);
        if (paid.status !== 201) failures.push([paid.status, paid.text]);
      }
    } catch (error) {
      failures.push(error);
    }
  };
  const traffic = openDoors(DOORS, buy);
  await untilSeen('customers', () => traffic.count() >= 10);
  for (const part of [...APIS, ...WORKERS]) await restart(part);
  const before = traffic.count();
  await untilSeen('customers after that', () => traffic.count() >= before + 10);
  const served = await traffic.end();
  expect(failures).toEqual([]);
  expect(served.length).toBeGreaterThan(100);
  expect(await audit()).toEqual([]);
});

test(
  'a release is rolled out with 200 bookings open: each moves to it with its next task, and ends as it would have',
  async () => {
    const { db, temporal, shopper, flight: open, countOn, audit, ...releases } = cluster();
    const flight = await open(LARGEST);
    const customers = await forEach(Array.from({ length: 200 }), 8, async () => {
      const customer = await shopper(flight);
      const { status, body } = await customer.create();
      expect(status).toBe(201);
      return { ...customer, booking: body };
    });
    // Money that doesn't fit waits for a person, maybe for months.
    const [owed] = customers;
    const transfer: ExternalPaymentReport = {
      amount: 1,
      currency: 'USD',
      provider: 'bank',
      providerPaymentId: `transfer-${randomUUID()}`,
    };
    await owed?.payExternally(transfer);
    const findOwed = () =>
      db('payments').where({ provider_payment_id: transfer.providerPaymentId }).pluck('id');
    await untilSeen('money that is owed back', async () => (await findOwed()).length === 1);
    const [paymentId = ''] = await findOwed();
    const refund = temporal.workflow.getHandle(refundWorkflowId(paymentId));
    const isWaiting = async () => (await refund.query(refundState)).status === 'needs_operator';
    await untilSeen('a refund that waits', () => isWaiting().catch(() => false));
    const pendingOn = (build: string) =>
      countOn(
        build,
        "WorkflowType = 'bookingWorkflow' AND ExecutionStatus = 'Running' AND BookingStatus = 'pending'",
      );
    await untilSeen('200 bookings under way', async () => (await pendingOn('dev')) === 200);

    // Beside them the refund alone is under way: events are soon handed over. What runs for ever is
    // no booking's.
    const others = `WorkflowType NOT IN ('bookingWorkflow', 'outgoingEventsWorkflow',
      'mailDeliveryWorkflow') AND ExecutionStatus = 'Running'`;
    await untilSeen('no other workflow', async () => {
      return (await temporal.workflow.count(others)).count === 1;
    });

    const release = await workflowBundle(path.join(ROOT, 'tests/replay/next-release.ts'));
    const { exitCode, stdout } = await releases.gate(release);
    expect(stdout).toMatch(/Recorded histories: \d+ replayed, 0 failed\n/);
    // What another test has sold is under way, too.
    const sampled = /a sample of (\d+): (\d+) replayed, 0 failed; 0 stay/.exec(stdout);
    expect(Number(sampled?.[1])).toBeGreaterThanOrEqual(201);
    expect(Number(sampled?.[2])).toBeGreaterThanOrEqual(101);
    expect(exitCode).toBe(0);
    await releases.startWorker('next', release);
    expect(await releases.promote('next')).toMatchObject({ exitCode: 0 });
    await releases.untilRouted();

    const [paying, cancelling, leaving] = [
      customers.slice(0, 100),
      customers.slice(100, 150),
      customers.slice(150),
    ];
    const paid = await forEach(paying, 8, ({ pay, booking }) => pay(booking));
    expect(paid.filter(({ status }) => status !== 201)).toEqual([]);
    const cancelled = await forEach(cancelling, 8, ({ cancel, booking }) => cancel(booking));
    expect(cancelled.filter(({ status }) => status !== 200)).toEqual([]);
    const newcomers = await forEach(Array.from({ length: 20 }), 4, async () => {
      const customer = await shopper(flight);
      const { status, body } = await customer.create();
      expect({ status, body }).toMatchObject({ status: 201 });
      return { status: (await customer.pay(body)).status, workflow: customer.workflow };
    });
    expect(newcomers.filter(({ status }) => status !== 201)).toEqual([]);
    await untilSeen('all who have paid on the new build', async () => {
      return (await countOn('next', "BookingStatus = 'booked'")) === newcomers.length + 100;
    });
    const settlement = { settledBy: 'operator-1', note: 'returned by bank transfer' };
    expect(await refund.executeUpdate(settleRefund, { args: [settlement] })).toMatchObject({
      status: 'succeeded',
    });
    await untilSeen('the refund on the new build', async () => {
      return (await countOn('next', `WorkflowId = '${refundWorkflowId(paymentId)}'`)) === 1;
    });

    for (const { workflow } of leaving) await workflow.result();
    const states = await forEach(customers, 8, async ({ workflow }) => {
      const { status, cancellationReason } = await workflow.query(bookingState);
      return `${status}, ${String(cancellationReason)}`;
    });
    expect(tally(states)).toEqual({
      'booked, null': 100,
      'cancelled, customer_request': 50,
      'cancelled, payment_expired': 50,
    });
    expect(leaving).toHaveLength(50);
    await untilSeen('none left on the old build', async () => (await pendingOn('dev')) === 0);
    for (const { workflow } of [...customers, ...newcomers]) {
      const { events = [] } = await workflow.fetchHistory();
      const failed = (events ?? []).filter((event) => event.workflowTaskFailedEventAttributes);
      expect(failed).toEqual([]);
    }
    expect(await audit()).toEqual([]);
  },
  (PAYMENT_WINDOW_SECONDS + 600) * 1000,
);

test('a change that workflows under way would not survive is stopped at the gate', async () => {
  const { db, temporal, shopper, flight: open, gate } = cluster();
  const customer = await shopper(await open(6));
  const { body } = await customer.create();
  const providerPaymentId = `transfer-${body.reference}`;
  await customer.payExternally({ amount: 1, currency: 'USD', provider: 'bank', providerPaymentId });
  const findOwed = () =>
    db('payments').where({ provider_payment_id: providerPaymentId }).pluck<string[]>('id');
  await untilSeen('money that is owed back', async () => (await findOwed()).length === 1);
  const [paymentId = ''] = await findOwed();
  const workflowId = refundWorkflowId(paymentId);
  await untilSeen('its refund under way, and listed', async () => {
    const running = `WorkflowId = '${workflowId}' AND ExecutionStatus = 'Running'`;
    return (await temporal.workflow.count(running)).count === 1;
  });
  const broken = await workflowBundle(path.join(ROOT, 'tests/replay/faulty-workflow.ts'));
  const { exitCode, stdout } = await gate(broken);
  expect(stdout).toMatch(/^booked: .*TMPRL1100/m);
  expect(stdout).toMatch(new RegExp(`^${workflowId}: .*TMPRL1100`, 'm'));
  expect(stdout).toMatch(/Recorded histories: (\d+) replayed, \1 failed/);
  // Whatever else is still under way, such as what another test has left, would not survive either.
  expect(stdout).toMatch(/Workflows under way, a sample of \d+: ([1-9]\d*) replayed, \1 failed/);
  expect(stdout).toContain('Not to be deployed.');
  expect(exitCode).toBe(1);
});

function tally(texts: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
}
