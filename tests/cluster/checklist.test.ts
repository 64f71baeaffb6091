import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ROOT } from '../../scripts/stack/settings';
import { connect } from '../../src/db/connection';
import { findStuck } from '../../src/operations/stuck/stuck';
import { createResets } from '../../src/temporal/clients/resets';
import { startNetwork } from '../providers/toxiproxy';
import { required, type Holder, type Shopper } from '../reliability/shopper';
import { workflowBundle } from '../support/workflow-bundle';
import { LARGEST, openClusterShop, untilSeen, WORKERS, type ClusterShop } from './cluster-shop';
import { forEach, openDoors } from './traffic';

/**
 * What Temporal advises to try before production
 * (https://docs.temporal.io/best-practices/pre-production-testing), on all processes of the
 * cluster. docs/reliability.md says which line is tried where.
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

const DOORS = 4;

/** Customers who come all the time, each asking until there is an answer. */
async function openTraffic() {
  const { shopper, flights } = cluster();
  const nextFlight = await flights();
  return openDoors(DOORS, async () => {
    const customer = await shopper(nextFlight());
    const held = await customer.create();
    const paid = await customer.pay(held.body);
    return { customer, statuses: [held.status, paid.status] };
  });
}

type Served = Awaited<ReturnType<Awaited<ReturnType<typeof openTraffic>>['end']>>;

/** Everyone was sold a seat, was charged once, and the books agree. */
async function expectAllServed(served: Served): Promise<void> {
  expect(served.filter(({ statuses }) => statuses.join() !== '201,201')).toEqual([]);
  for (const { customer } of served) {
    expect(await customer.read()).toMatchObject({ id: customer.bookingId, status: 'booked' });
    expect(await customer.charges()).toEqual(['captured']);
  }
  expect(await cluster().audit()).toEqual([]);
}

/** Kills workers as a crash does, and waits until all of them are there again. */
async function killWorkers(names: readonly string[]): Promise<void> {
  const { stack, untilPolling } = cluster();
  const killed = names.map((name) => [name, stack.pidOf(name)] as const);
  for (const [, pid] of killed) process.kill(pid, 'SIGKILL');
  for (const [name, pid] of killed) await untilPolling(name, pid);
}

test('all workers are killed at once, twice: every customer is served when they are back', async () => {
  const traffic = await openTraffic();
  await untilSeen('customers', () => traffic.count() >= 10);
  for (let kill = 0; kill < 2; kill += 1) {
    await killWorkers(WORKERS);
    const before = traffic.count();
    await untilSeen('customers after that', () => traffic.count() >= before + 10);
  }
  await expectAllServed(await traffic.end());
});

test('one of three workers is killed again and again: customers are served all the while', async () => {
  const { startWorker } = cluster();
  const third = await startWorker('dev', await workflowBundle());
  const traffic = await openTraffic();
  await untilSeen('customers', () => traffic.count() >= 5);
  const servedBetween: number[] = [];
  for (const name of [...WORKERS, third.name, ...WORKERS]) {
    const before = traffic.count();
    await killWorkers([name]);
    await wait(500);
    servedBetween.push(traffic.count() - before);
  }
  const served = await traffic.end();
  await third.stop();
  // While one starts, two work.
  expect(servedBetween.filter((count) => count === 0)).toEqual([]);
  await expectAllServed(served);
});

test('a database that lets workers in one by one is waited for: it delays customers, and loses nobody', async () => {
  const { db, stack } = cluster();
  // Only the owner of all roles may say how many connections they may have.
  const owner = connect(required(stack.env.DATABASE_URL), {
    applicationName: 'overload',
    maxConnections: 1,
  });
  const { rows } = await db.raw<{ rows: { role: string }[] }>(
    "SELECT DISTINCT usename AS role FROM pg_stat_activity WHERE application_name = 'flight-bookings-worker'",
  );
  expect(rows).toHaveLength(1);
  const role = rows[0]?.role ?? '';
  const traffic = await openTraffic();
  try {
    await untilSeen('customers', () => traffic.count() >= 5);
    await owner.raw(`ALTER ROLE ?? CONNECTION LIMIT 2`, [role]);
    await owner.raw('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ?', [
      role,
    ]);
    await wait(10_000);
  } finally {
    await owner.raw(`ALTER ROLE ?? CONNECTION LIMIT -1`, [role]);
    await owner.destroy();
  }
  const before = traffic.count();
  await untilSeen('customers after that', () => traffic.count() >= before + 20);
  await expectAllServed(await traffic.end());
});

test('a worker whose network to Temporal is cut, silent and broken takes part again when it is there', async () => {
  const { stack, startWorker } = cluster();
  const address = required(stack.env.TEMPORAL_ADDRESS);
  const network = await startNetwork(Number(address.split(':').at(-1)));
  const far = await startWorker('dev', await workflowBundle(), {
    TEMPORAL_ADDRESS: new URL(network.url).host,
  });
  // It alone is there: what it can't do waits.
  const near = WORKERS.map((name) => stack.pidOf(name));
  const traffic = await openTraffic();
  try {
    await untilSeen('customers', () => traffic.count() >= 5);
    for (const pid of near) process.kill(pid, 'SIGSTOP');
    for (const trouble of [
      () => network.cut(),
      () => network.trouble('timeout'),
      () => network.trouble('reset_peer', { timeout: 200 }),
    ]) {
      await trouble();
      await wait(4_000);
      await network.repair();
      const before = traffic.count();
      await untilSeen('customers of the far worker', () => traffic.count() >= before + 3);
    }
  } finally {
    for (const pid of near) process.kill(pid, 'SIGCONT');
  }
  const served = await traffic.end();
  await far.stop();
  await network.stop();
  await expectAllServed(served);
});

/** Open when the broken release comes. */
const OPEN = 40;
/** They come while it is there. */
const NEWCOMERS = 5;

test('a release that breaks bookings under way is deployed past the gate, noticed, and rolled back: all of them go on', async () => {
  const { temporal, db, shopper, flight: open, startWorker, promote, audit } = cluster();
  const flight = await open(LARGEST);
  const hold = async (customer: Shopper): Promise<Holder> => {
    const { status, body } = await customer.create();
    expect(status).toBe(201);
    return { ...customer, booking: body };
  };
  const customers = await forEach(Array.from({ length: OPEN }), 8, async () =>
    hold(await shopper(flight)),
  );

  const broken = await startWorker(
    'broken',
    await workflowBundle(path.join(ROOT, 'tests/replay/faulty-workflow.ts')),
  );
  expect(await promote('broken')).toMatchObject({ exitCode: 0 });
  // They get no answer, or one that says to ask again with the same key, or 500.
  const inVain = Promise.allSettled(customers.map(({ pay, booking }) => pay(booking)));
  const newcomers = await forEach(Array.from({ length: NEWCOMERS }), NEWCOMERS, () =>
    shopper(flight),
  );
  const begunInVain = Promise.allSettled(newcomers.map(({ create }) => create()));

  // Five failures in a row are marked by Temporal; `stuck` and the alert `WorkflowTasksFail` tell.
  const stuck = () => findStuck({ db, client: temporal, taskQueue: 'bookings' });
  const failing = async () =>
    (await stuck()).filter(({ kind }) => kind === 'workflow_code_fails').length;
  await untilSeen('bookings whose code fails', async () => (await failing()) >= OPEN / 2, 90_000);

  expect(await promote('dev')).toMatchObject({ exitCode: 0 });
  await broken.stop();
  await inVain;
  const paid = await forEach(customers, 8, ({ pay, booking }) => pay(booking));
  expect(paid.filter(({ status }) => status !== 201)).toEqual([]);

  // What has begun on the broken release is known to it alone: it begins anew, with its messages.
  await begunInVain;
  const resets = createResets(temporal);
  for (const { workflow } of newcomers)
    expect(await resets.reset(workflow.workflowId, 'began on a broken release')).toBe(true);
  const begun = await forEach(newcomers, NEWCOMERS, hold);
  const late = await forEach(begun, NEWCOMERS, ({ pay, booking }) => pay(booking));
  expect(late.filter(({ status }) => status !== 201)).toEqual([]);

  for (const { workflow, charges } of [...customers, ...begun]) {
    expect((await workflow.describe()).status.name).toBe('RUNNING');
    expect(await charges()).toEqual(['captured']);
  }
  await untilSeen('no booking whose code fails', async () => (await failing()) === 0);
  expect(await audit()).toEqual([]);
}, 400_000);
