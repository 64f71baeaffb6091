import { lostWorkflowActivities } from '../src/activities/lost-workflows';
import { createBookingWorkflows } from '../src/temporal/clients/bookings';
import { createWorkflowLookup } from '../src/temporal/workflow-lookup';
import { requestOf } from '../tests/support/flights';
import globalSetup from '../tests/support/global-setup';
import globalTeardown from '../tests/support/global-teardown';
import { openShop, untilSeen, type Sale, type Shop } from '../tests/support/shop';
import { devServerEnvironment } from '../tests/support/temporal';

/**
 * What sold bookings cost while their workflows stay open, and what it costs to look for them and to
 * start lost ones again: `npm run bench:open-sales -- 1000`. On Temporal's dev server and an embedded
 * PostgreSQL of its own; for rows in Temporal's database, see docs/scaling.md.
 */

const AT_ONCE = 8;
const SEATS = 300;
const COUNT = Number(process.argv[2] ?? 1000);

async function sell(shop: Shop, count: number): Promise<Sale[]> {
  const sales: Sale[] = [];
  let flight = await shop.flight({ seats: SEATS });
  for (let made = 0; made < count; made += AT_ONCE) {
    if (made % (SEATS - AT_ONCE) < AT_ONCE) flight = await shop.flight({ seats: SEATS });
    const some = Array.from({ length: Math.min(AT_ONCE, count - made) }, async () => {
      const sale = shop.saleOf(requestOf(flight, { customerId: `customer-${Math.random()}` }));
      await shop.reserve(sale.request);
      await sale.pay();
      return sale;
    });
    sales.push(...(await Promise.all(some)));
  }
  return sales;
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const since = performance.now();
  const cpu = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  const seconds = ((performance.now() - since) / 1000).toFixed(1);
  console.log(
    `${what}: ${seconds} s, ${((user + system) / 1e6).toFixed(1)} s of this process's CPU`,
  );
  return result;
}

async function count(ids: AsyncIterable<unknown>): Promise<number> {
  let all = 0;
  for await (const _ of ids) all += 1;
  return all;
}

async function main(): Promise<void> {
  await globalSetup();
  const shop = await openShop(devServerEnvironment, { maxOpenHoldsPerCustomer: 10 });
  try {
    const { client } = shop.env;
    const workflows = createWorkflowLookup(client);
    const sales = await timed(`${COUNT} sold`, () => sell(shop, COUNT));
    const [sale] = sales;
    const info = (await sale?.handle.describe())?.raw.workflowExecutionInfo;
    console.log(
      `History of one: ${String(info?.historyLength)} events, ${String(info?.historySizeBytes)} bytes`,
    );
    const open = async (expected: number) =>
      untilSeen(async () => ((await count(workflows.sold())) === expected ? expected : undefined));
    await open(COUNT);
    await timed('Listing all that are open', () => count(workflows.sold()));
    await timed('Listing all that are undecided', () => count(workflows.undecided()));
    const lost = lostWorkflowActivities({
      db: shop.dbOf('worker'),
      workflows,
      bookingWorkflows: createBookingWorkflows(client, 'bookings'),
    });
    await timed('Comparing all, none lost', () => lost.restoreLostWorkflows(true));
    for (const { handle } of sales) await handle.terminate();
    await open(0);
    const { restored } = await timed('Starting all again', () => lost.restoreLostWorkflows(true));
    console.log(`Started again: ${restored.length}`);
    await timed('All of them wait for their departure', () => open(restored.length));
    console.log(`Memory of this process: ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`);
  } finally {
    await shop.close();
    await globalTeardown();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
