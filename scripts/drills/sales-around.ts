import { setTimeout as wait } from 'node:timers/promises';
import type { Customers, Sale } from './customers';
import type { Drill } from './drill';

/** How many customers of each kind there are. */
const OF_EACH = 2;

/** Customers around the instant that a database is restored to, and what they were told. */
export interface SalesAround {
  instant: Date;
  held: Sale[];
  heldAfter: Sale[];
  paidAfter: Sale[];
  cancelledAfter: Sale[];
  soldBefore: Sale[];
  refundedAfter: Sale[];
  /** As they were before their change. */
  unchanged: Sale[];
  changedAfter: Sale[];
  soldAfter: Sale[];
  transferredAfter: Sale[];
  soldAndCancelledAfter: Sale[];
}

/** Some customers of each kind, who come one after another. */
export async function some(drill: Drill, make: () => Promise<Sale>): Promise<Sale[]> {
  const sales: Sale[] = [];
  for (let count = 0; count < OF_EACH; count += 1) sales.push(await make());
  drill.sales.push(...sales);
  return sales;
}

/** Sells before an instant and after it, in every way in which a booking can stand at both. */
export async function sellAround(drill: Drill, customers: Customers): Promise<SalesAround> {
  const held = await some(drill, () => customers.hold('held before'));
  const paidAfter = await some(drill, () => customers.hold('held before, paid after'));
  const cancelledAfter = await some(drill, () => customers.hold('held before, cancelled after'));
  const soldBefore = await some(drill, () => customers.buy('sold before'));
  const refundedAfter = await some(drill, () => customers.buy('sold before, cancelled after'));
  const changedAfter = await some(drill, () => customers.buy('sold before, changed after'));
  const unchanged = changedAfter.map((sale) => ({ ...sale }));

  await wait(AROUND_MS);
  const instant = new Date();
  await wait(AROUND_MS);
  drill.say(`At ${instant.toISOString()} nothing is under way. More customers come.`);
  for (const sale of paidAfter) await customers.pay(sale);
  for (const sale of [...cancelledAfter, ...refundedAfter]) await customers.cancel(sale);
  for (const sale of changedAfter) await customers.change(sale);
  const around = {
    instant,
    held,
    paidAfter,
    cancelledAfter,
    soldBefore,
    refundedAfter,
    unchanged,
    changedAfter,
    heldAfter: await some(drill, () => customers.hold('held after')),
    soldAfter: await some(drill, () => customers.buy('sold after')),
    transferredAfter: await some(drill, async () =>
      customers.transfer(await customers.hold('paid by transfer after')),
    ),
    soldAndCancelledAfter: await some(drill, async () =>
      customers.cancel(await customers.buy('sold and cancelled after')),
    ),
  };
  await wait(REFUNDING_MS);
  return around;
}

/** What was begun before the instant has ended by it. */
const AROUND_MS = 500;

/** Refunds are on record soon after their cancellation. */
const REFUNDING_MS = 2_000;
