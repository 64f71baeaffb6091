import { setTimeout as wait } from 'node:timers/promises';
import { waitUntil } from '../../src/cli/wait';
import type { Customers, Sale } from './customers';
import type { Drill } from './drill';
import { judge } from './judge';
import { sellAround } from './sales-around';

/** Short: the drill waits until holds have ended. It outlasts the sales, and the restore. */
const PAYMENT_WINDOW_SECONDS = 75;

const SETTLING_MS = 3_000;

/**
 * Temporal's database is restored to an instant, and ours is ahead of it: the drill does what
 * docs/recovery.md says ("Our database is later than Temporal's").
 */
export async function temporalRestored(drill: Drill): Promise<void> {
  const { stack, say } = drill;
  await stack.openShop(PAYMENT_WINDOW_SECONDS);
  const customers = await drill.customers();
  say("A base backup of Temporal's PostgreSQL is taken; customers come.");
  await stack.backUp('temporal-postgres');
  const sales = await sellAround(drill, customers);

  say(`Temporal's PostgreSQL is restored to ${sales.instant.toISOString()}.`);
  await stack.closeShop();
  await stack.restore('temporal-postgres', sales.instant);
  await stack.startWorkers();
  await drill.flights('reconcile', '--full');
  await stack.startApis();

  // Those whose workflow was lost, or is behind, can do what they could before.
  const [heldAfter] = sales.heldAfter;
  const [soldAfter] = sales.soldAfter;
  const [paidAfter] = sales.paidAfter;
  if (heldAfter) await attempt(drill, 'to pay for', heldAfter, (sale) => customers.pay(sale));
  for (const sale of [soldAfter, paidAfter])
    if (sale) await attempt(drill, 'to cancel', sale, (one) => customers.cancel(one));

  await untilHoldsHaveEnded(drill, customers, [...sales.held, ...sales.heldAfter.slice(1)]);
  await wait(SETTLING_MS);
  await drill.reconcileUntilClean();
  const { instant: _, unchanged: __, ...others } = sales;
  await judge(drill, customers, Object.values(others).flat());
  await stack.closeShop();
}

/** What a customer can't do is a finding. */
async function attempt(
  drill: Drill,
  what: string,
  sale: Sale,
  act: (sale: Sale) => Promise<unknown>,
): Promise<void> {
  try {
    await act(sale);
  } catch (error) {
    drill.findings.push(`${what} one that was ${(error as Error).message}`);
  }
}

/** Waits until holds that nobody pays for have expired, each by its own workflow. */
async function untilHoldsHaveEnded(
  drill: Drill,
  customers: Customers,
  holds: readonly Sale[],
): Promise<void> {
  drill.say('Nobody pays for the others: the drill waits for their deadlines.');
  const haveEnded = async () => {
    for (const sale of holds) if ((await customers.read(sale))?.status === 'pending') return false;
    return true;
  };
  await waitUntil(haveEnded, {
    timeoutMs: (PAYMENT_WINDOW_SECONDS + 30) * 1_000,
    intervalMs: 1_000,
    onTimeout: () => new Error('Holds outlast their deadline'),
  });
  for (const sale of holds) sale.told = 'cancelled';
}
