import { setTimeout as wait } from 'node:timers/promises';
import type { ReconciliationReport } from '../../src/temporal/contracts';
import type { Sale } from './customers';
import type { Drill } from './drill';
import { judge, type Judged } from './judge';
import { SCHEDULE_DAYS } from './stack';

/** Long enough to restore, and to bring back what was held. */
const PAYMENT_WINDOW_SECONDS = 900;

/** How many customers of each kind there are. */
const OF_EACH = 2;

/** Of a refund that was settled by hand the sandbox's books know more than ours. */
const SETTLED_BY_HAND =
  "the sandbox provider's refunds are ours, a pending one explaining any other";

/**
 * Our database is restored to an instant, and Temporal and the provider are ahead of it: the drill
 * does what docs/recovery.md says ("Our database is earlier than Temporal's").
 */
export async function databaseRestored(drill: Drill): Promise<void> {
  const { stack, say } = drill;
  await stack.openShop(PAYMENT_WINDOW_SECONDS);
  const customers = await drill.customers();
  const judged: Judged[] = [];
  const twice = async (make: () => Promise<Sale>): Promise<Sale[]> => {
    const sales: Sale[] = [];
    for (let count = 0; count < OF_EACH; count += 1) sales.push(await make());
    drill.sales.push(...sales);
    return sales;
  };
  const asTold = (sales: readonly Sale[]) => judged.push(...sales.map((sale) => ({ sale })));

  say('A base backup of our PostgreSQL is taken; customers come.');
  await stack.backUp('postgres');
  asTold(await twice(() => customers.hold('held before')));
  const paidLater = await twice(() => customers.hold('held before, paid after'));
  const cancelledLater = await twice(() => customers.hold('held before, cancelled after'));
  asTold(await twice(() => customers.buy('sold before')));
  const refundedLater = await twice(() => customers.buy('sold before, cancelled after'));
  const changedLater = await twice(() => customers.buy('sold before, changed after'));

  await wait(500);
  const instant = new Date();
  await wait(500);
  say(`At ${instant.toISOString()} nothing is under way. More customers come.`);
  for (const sale of paidLater) await customers.pay(sale);
  for (const sale of cancelledLater) await customers.cancel(sale);
  for (const sale of refundedLater) await customers.cancel(sale);
  const unchanged = changedLater.map((sale) => ({ sale, as: { ...sale } }));
  for (const sale of changedLater) await customers.change(sale);
  asTold([...paidLater, ...cancelledLater, ...refundedLater]);
  asTold(await twice(() => customers.hold('held after')));
  asTold(await twice(() => customers.buy('sold after')));
  asTold(
    await twice(async () => customers.transfer(await customers.hold('paid by transfer after'))),
  );
  const gone = await twice(async () =>
    customers.cancel(await customers.buy('sold and cancelled after')),
  );
  await wait(2_000);

  say(`The disk is lost. Our PostgreSQL is restored to ${instant.toISOString()}.`);
  await stack.closeShop();
  await stack.restore('postgres', instant);
  await drill.toggleReconciliation('--pause');
  await drill.flights('migrate');
  await drill.flights('seed', '--days', String(SCHEDULE_DAYS));
  await stack.startWorkers();
  await drill.flights('redo', '--since', instant.toISOString());
  await drill.flights('reconcile');
  await wait(2_000);

  // Their money has gone back, and their bookings are back, paid by it: a person looks.
  for (const sale of gone) await cancelAgain(drill, sale);

  await wait(1_000);
  const { stdout } = await drill.stack.flights('reconcile', '--json');
  const { disagreements, failed } = JSON.parse(stdout) as ReconciliationReport;
  for (const { kind, count } of disagreements)
    drill.findings.push(`the provider: ${kind}, ${count}`);
  for (const { part, reason } of failed) drill.findings.push(`${part} failed: ${reason}`);
  await drill.toggleReconciliation('--unpause');
  await stack.startApis();
  judged.push(...unchanged, ...gone.map((sale) => ({ sale })));
  await judge(drill, customers, { judged, explained: [SETTLED_BY_HAND] });
  await stack.closeShop();
}

/** What the runbook has a person do with a booking that was paid and cancelled after the backup. */
async function cancelAgain(drill: Drill, { reference, bookingId }: Sale): Promise<void> {
  const as = ['--as', 'op-7'];
  await drill.flights('cancel', reference, '--reason', 'It was cancelled before.', ...as);
  await wait(3_000);
  const waiting = await drill.stack.rows<{ payment_id: string }>(
    `SELECT r.payment_id FROM refunds r JOIN payments p ON p.id = r.payment_id
     WHERE p.booking_id = '${bookingId}' AND r.status = 'needs_operator'`,
  );
  for (const { payment_id: paymentId } of waiting)
    await drill.flights('settle-refund', paymentId, '--note', 'It went back before.', ...as);
  drill.byHand.push(`${reference} was cancelled again, and its refund settled`);
}
