import { setTimeout as wait } from 'node:timers/promises';
import type { Sale } from './customers';
import type { Drill } from './drill';
import { judge } from './judge';
import { sellAround } from './sales-around';
import { SCHEDULE_DAYS } from './stack';

/** Long enough to restore, and to bring back what was held. */
const PAYMENT_WINDOW_SECONDS = 900;

/** What reconciliation has begun is soon done. */
const SETTLING_MS = 3_000;

/**
 * Our database is restored to an instant, and Temporal and the provider are ahead of it: the drill
 * does what docs/recovery.md says ("Our database is earlier than Temporal's").
 */
export async function databaseRestored(drill: Drill): Promise<void> {
  const { stack, say } = drill;
  await stack.openShop(PAYMENT_WINDOW_SECONDS);
  const customers = await drill.customers();
  say('A base backup of our PostgreSQL is taken; customers come.');
  await stack.backUp('postgres');
  const sales = await sellAround(drill, customers);

  const instant = sales.instant.toISOString();
  say(`The disk is lost. Our PostgreSQL is restored to ${instant}.`);
  await stack.closeShop();
  await stack.restore('postgres', sales.instant);
  await drill.toggleReconciliation('--pause');
  await drill.flights('migrate');
  await drill.flights('seed', '--days', String(SCHEDULE_DAYS));
  await stack.startWorkers();
  await drill.flights('redo', '--since', instant);
  await drill.flights('reconcile');
  await wait(SETTLING_MS);
  for (const sale of sales.soldAndCancelledAfter) await cancelAgain(drill, sale);
  await wait(SETTLING_MS);
  await drill.reconcileUntilClean();
  await drill.toggleReconciliation('--unpause');
  await stack.startApis();

  const { changedAfter, unchanged, instant: _, ...others } = sales;
  // What a change cost has gone back: its quote is lost.
  await judge(drill, customers, [...Object.values(others).flat(), ...unchanged]);
  drill.byHand.push(`${String(changedAfter.length)} customers are to be told: not changed`);
  await stack.closeShop();
}

/**
 * One that was paid and cancelled after the backup is booked again, and its money has gone back: a
 * person cancels it, and closes its refund, which the provider refuses.
 */
async function cancelAgain(drill: Drill, { reference, bookingId }: Sale): Promise<void> {
  const as = ['--as', 'op-7'];
  await drill.flights('cancel', reference, '--reason', 'It was cancelled before.', ...as);
  await wait(SETTLING_MS);
  const waiting = await drill.stack.rows<{ payment_id: string }>(
    `SELECT r.payment_id FROM refunds r JOIN payments p ON p.id = r.payment_id
     WHERE p.booking_id = '${bookingId}' AND r.status = 'needs_operator'`,
  );
  for (const { payment_id: paymentId } of waiting)
    await drill.flights('settle-refund', paymentId, '--note', 'It went back before.', ...as);
  // Of a refund that was settled by hand the sandbox's books know more than ours.
  const refunds = await drill.stack.rows<{ id: string }>(
    `SELECT r.id FROM sandbox_provider.refunds r
     JOIN sandbox_provider.payment_intents i ON i.id = r.payment_intent_id
     WHERE i.booking_id = '${bookingId}'`,
  );
  for (const { id } of refunds) drill.stack.explained.add(id);
  drill.byHand.push(`${reference} was cancelled again, and its refund settled`);
}
