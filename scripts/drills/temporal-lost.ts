import { setTimeout as wait } from 'node:timers/promises';
import type { Drill } from './drill';
import { judge } from './judge';
import { some } from './sales-around';

/** Long enough for holds to outlast the loss. */
const PAYMENT_WINDOW_SECONDS = 900;

const SETTLING_MS = 3_000;

/**
 * Temporal's database is gone, and an empty one takes its place: the drill does what
 * docs/recovery.md says ("Temporal's database is lost").
 */
export async function temporalLost(drill: Drill): Promise<void> {
  const { stack, say } = drill;
  await stack.openShop(PAYMENT_WINDOW_SECONDS);
  const customers = await drill.customers();
  const held = await some(drill, () => customers.hold('held'));
  const paidLater = await some(drill, () => customers.hold('held, paid after the loss'));
  const sold = await some(drill, () => customers.buy('sold'));
  const cancelledLater = await some(drill, () => customers.buy('sold, cancelled after the loss'));
  const changedLater = await some(drill, () => customers.buy('sold, changed after the loss'));
  const refunded = await some(drill, async () =>
    customers.cancel(await customers.buy('sold and cancelled')),
  );
  await wait(SETTLING_MS);

  say('Temporal is lost, with all that it had. An empty one is started.');
  await stack.closeShop();
  await stack.loseTemporal();
  await stack.startWorkers();
  await drill.flights('reconcile', '--full');
  await stack.startApis();

  // Each workflow was started again where its booking stands: customers go on.
  for (const sale of paidLater) await customers.pay(sale);
  for (const sale of cancelledLater) await customers.cancel(sale);
  for (const sale of changedLater) await customers.change(sale);
  const newcomers = await some(drill, () => customers.buy('sold after the loss'));
  await wait(SETTLING_MS);
  await drill.reconcileUntilClean();
  const all = [held, paidLater, sold, cancelledLater, changedLater, refunded, newcomers];
  await judge(drill, customers, all.flat());
  await stack.closeShop();
}
