import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type PaymentIntents from '../../db/rows/sandbox_provider/PaymentIntents';
import type Reports from '../../db/rows/sandbox_provider/Reports';
import type { ProviderDispute } from '../../domain/provider-money';
import { behaviourOf, DELAYS, type Behaviour } from './cards';

/** Why a customer whom their bank asked is declined. */
const NOT_AUTHENTICATED = 'payment_intent_authentication_failure';

type Kind = 'customer_acted' | 'dispute_opened' | 'dispute_closed';

const REPORTS = 'sandbox_provider.reports';
const INTENTS = 'sandbox_provider.payment_intents';

/** What the sandbox tells us by itself: that a customer has acted, or that a payment is disputed. */
export interface SandboxReport {
  /** The same each time that it is sent. */
  id: string;
  type: string;
  bookingId: string | null;
  /** When it happened. */
  createdAt: Date;
  dispute: ProviderDispute | undefined;
}

/**
 * Notes what is to happen to an intent by itself. To be called in the transaction that opens or
 * captures it, so that nothing is noted for what isn't there.
 */
export async function noteReports(
  trx: Knex,
  intentId: string,
  reports: readonly { kind: Kind; afterMs: number }[],
): Promise<void> {
  if (reports.length === 0) return;
  await trx<Reports>(REPORTS)
    .insert(
      reports.map(({ kind, afterMs }) => ({
        id: `srp_${randomUUID()}`,
        payment_intent_id: intentId,
        kind,
        due_at: trx.raw(`now() + CAST(? AS integer) * interval '1 millisecond'`, [
          afterMs,
        ]) as unknown as Date,
      })),
    )
    .onConflict(['payment_intent_id', 'kind'])
    .ignore();
}

/** Returns what happens after the customer was asked, by the card's behaviour. */
export function reportsOfAsking(behaviour: Behaviour): { kind: Kind; afterMs: number }[] {
  if (behaviour.kind !== 'asks' || behaviour.customer === 'abandons') return [];
  return [{ kind: 'customer_acted', afterMs: DELAYS.customerActs }];
}

/** Returns what happens after the money was taken, by the card's behaviour. */
export function reportsOfCapture(behaviour: Behaviour): { kind: Kind; afterMs: number }[] {
  if (behaviour.kind !== 'is_disputed') return [];
  const opened = { kind: 'dispute_opened', afterMs: DELAYS.disputeOpens } as const;
  if (behaviour.ends === null) return [opened];
  return [opened, { kind: 'dispute_closed', afterMs: DELAYS.disputeCloses }];
}

/** How many reports are sent at a time. */
const AT_ONCE = 100;

/**
 * Does what is due by now, the oldest first, and sends a report of each.
 *
 * Each is sent at least once: one that `send` rejects for is sent again by the next call, and one
 * whose sender was killed, too. Safe to call concurrently.
 */
export async function sendDueReports(
  db: Knex,
  send: (report: SandboxReport) => Promise<void>,
): Promise<void> {
  const { rows } = await db.raw<{ rows: DueReport[] }>(
    `SELECT r.id AS report_id, r.kind, r.due_at, i.*
     FROM ${REPORTS} r JOIN ${INTENTS} i ON i.id = r.payment_intent_id
     WHERE r.sent_at IS NULL AND r.due_at <= now() ORDER BY r.due_at LIMIT ${String(AT_ONCE)}`,
  );
  for (const due of rows) {
    if (due.kind === 'customer_acted') await act(db, due);
    await send(reportOf(due));
    await db<Reports>(REPORTS).where({ id: due.report_id }).update({ sent_at: new Date() });
  }
}

type DueReport = PaymentIntents & { report_id: string; kind: Kind; due_at: Date };

/** The customer does as their bank asks, or fails to; too late once the intent was voided. */
async function act(db: Knex, { id, payment_method }: PaymentIntents): Promise<void> {
  const behaviour = behaviourOf(payment_method);
  const hasPassed = behaviour.kind === 'asks' && behaviour.customer === 'passes';
  await db<PaymentIntents>(INTENTS)
    .where({ id, status: 'requires_action' })
    .update(
      hasPassed
        ? { status: 'authorized' }
        : { status: 'declined', decline_code: NOT_AUTHENTICATED },
    );
}

function reportOf(due: DueReport): SandboxReport {
  return {
    id: due.report_id,
    type: due.kind,
    bookingId: due.booking_id,
    createdAt: due.due_at,
    dispute: disputeOf(due),
  };
}

function disputeOf({
  kind,
  id,
  payment_method,
  amount,
  currency,
}: DueReport): ProviderDispute | undefined {
  if (kind === 'customer_acted') return undefined;
  const dispute = {
    providerDisputeId: `sdp_${id}`,
    providerPaymentId: id,
    amount,
    currency,
    reason: 'fraudulent',
  };
  const behaviour = behaviourOf(payment_method);
  const ends = behaviour.kind === 'is_disputed' ? behaviour.ends : null;
  if (kind === 'dispute_opened' || ends === null)
    return { ...dispute, status: 'open', movement: 'withdrawn' };
  return { ...dispute, status: ends, movement: ends === 'won' ? 'reinstated' : null };
}
