import {
  listLongCharges,
  listOpenRefunds,
  listOverdueHolds,
  listRefundsByProvider,
  listUnsettledDisputes,
  type LongCharge,
  type OpenRefund,
  type OverdueHold,
  type RefundByProvider,
  type UnsettledDispute,
} from '../../db/audit/stuck-view';
import { formatMoney } from '../../domain/money';
import { isOwnProvider } from '../../domain/payment';
import { bookingWorkflowId } from '../../temporal/contracts/booking';
import { refundWorkflowId } from '../../temporal/contracts/refund';
import { findBuildsWithoutWorkers } from './builds';
import type { Stuck, System } from './case';
import { findStuckChanges } from './changes';
import { findOrphanedRefunds } from './orphaned-refunds';
import { findFailingCode, findOutOfStep, findRunningOn, listUndecided } from './workflows';

/** Finds everything that should have made progress by now and has not. */
export async function findStuck(
  { db, client, taskQueue }: System,
  now = new Date(),
): Promise<Stuck[]> {
  const orphaned = await findOrphanedRefunds({ db, client });
  const [holds, charges, refunds, disputes, byProvider] = await Promise.all([
    listOverdueHolds(db),
    listLongCharges(db),
    listOpenRefunds(db, [...orphaned]),
    listUnsettledDisputes(db),
    listRefundsByProvider(db),
  ]);
  const running = await listUndecided(client);
  const isRunning = (bookingId: string) => running.has(bookingWorkflowId(bookingId));
  return [
    ...holds.map((hold) => aboutHold(hold, isRunning(hold.bookingId))),
    ...charges.map((charge) => aboutCharge(charge, isRunning(charge.bookingId))),
    ...refunds.map((refund) => aboutRefund(refund, !orphaned.has(refund.refundKey))),
    ...disputes.map(aboutDispute),
    ...byProvider.map(aboutRefundByProvider),
    ...(await findStuckChanges({ db, client }, now)),
    ...(await findOutOfStep({ db, client }, running, now)),
    ...(await findRunningOn({ db, client }, now)),
    ...(await findFailingCode(client)),
    ...(await findBuildsWithoutWorkers({ client, taskQueue }, now)),
  ];
}

function aboutHold(
  { bookingId, reference, paymentRequiredBy }: OverdueHold,
  isRunning: boolean,
): Stuck {
  return {
    kind: 'hold_past_deadline',
    what: reference,
    workflowId: bookingWorkflowId(bookingId),
    bookingId,
    paymentId: null,
    since: paymentRequiredBy.toISOString(),
    detail: isRunning ? 'its workflow runs' : 'no workflow runs',
    todo: isRunning
      ? 'Start a worker, or see why it fails (worker log): the workflow then releases the seats.'
      : 'npm run flights -- reconcile, from ten minutes past the deadline on; ' +
        'until then it is not touched.',
  };
}

function aboutCharge(
  { bookingId, reference, paymentId, createdAt, provider, status, ...money }: LongCharge,
  isRunning: boolean,
): Stuck {
  return {
    kind: 'charge_under_way',
    what: reference,
    workflowId: bookingWorkflowId(bookingId),
    bookingId,
    paymentId,
    since: createdAt.toISOString(),
    detail: `${formatMoney(money)} at ${provider}, ${status}; ${isRunning ? 'its workflow runs' : 'no workflow runs'}`,
    todo: isRunning
      ? 'Check the provider: it is asked again automatically until sales close. ' +
        `Now: npm run flights -- retry-payment ${reference} --note … --as …`
      : 'npm run flights -- reconcile: it starts a workflow that resolves this.',
  };
}

function aboutRefund(refund: OpenRefund, isRunning: boolean): Stuck {
  const { paymentId, refundId, refundKey, bookingId, provider, providerPaymentId } = refund;
  const { reason, createdAt } = refund;
  return {
    kind: refund.status === 'needs_operator' ? 'refund_needs_operator' : 'refund_under_way',
    what: refund.reference ?? 'unknown booking',
    workflowId: refundWorkflowId(refundKey),
    bookingId,
    paymentId,
    refundId,
    since: createdAt.toISOString(),
    detail:
      `${formatMoney(refund)} of ${provider} (${providerPaymentId ?? 'ID unknown'}): ${reason}` +
      (isRunning ? '' : '; no workflow runs'),
    todo: isRunning
      ? whatToDoAbout(refund)
      : 'npm run flights -- reconcile: it starts the workflow again.',
  };
}

function whatToDoAbout({ paymentId, refundId, provider, status }: OpenRefund): string {
  const [retry, settle] = ['retry-refund', 'settle-refund'].map(
    (name) => `npm run flights -- ${name} ${paymentId} --refund ${refundId} --note … --as …`,
  ) as [string, string];
  if (status !== 'needs_operator') return `Check the provider, then: ${retry}`;
  if (!isOwnProvider(provider)) return `Have it refunded there, then: ${settle}`;
  // One that gave no result is asked again by itself: a refund by hand beside it pays twice.
  return (
    'See why, with npm run flights -- show. To have the provider asked now: ' +
    `${retry}. Once the money was returned by hand: ${settle}`
  );
}

function aboutDispute(dispute: UnsettledDispute): Stuck {
  const { paymentId, bookingId, provider, providerDisputeId, status, reason, createdAt } = dispute;
  const what = dispute.reference ?? 'unknown booking';
  const answer = `Answer it at ${provider}, in time.`;
  const isBooked = dispute.bookingStatus === 'booked';
  const takeSeats = `To take the seats back: npm run flights -- cancel ${what} --reason … --as …`;
  return {
    kind: 'payment_disputed',
    what,
    workflowId: bookingId === null ? refundWorkflowId(paymentId) : bookingWorkflowId(bookingId),
    bookingId,
    paymentId,
    since: createdAt.toISOString(),
    detail: `${formatMoney(dispute)} at ${provider} (${providerDisputeId}), ${status}: ${reason ?? 'no reason given'}`,
    todo: [...(status === 'open' ? [answer] : []), ...(isBooked ? [takeSeats] : [])].join(' '),
  };
}

function aboutRefundByProvider(refund: RefundByProvider): Stuck {
  const { paymentId, bookingId, reference, provider, since } = refund;
  return {
    kind: 'refunded_by_provider',
    what: reference,
    workflowId: bookingWorkflowId(bookingId),
    bookingId,
    paymentId,
    since: since.toISOString(),
    detail: `${formatMoney(refund)} was refunded at ${provider} directly, and the booking is still booked`,
    todo:
      "Find out who refunded it. If the passenger won't fly: " +
      `npm run flights -- cancel ${reference} --reason … --as …, then settle-refund ${paymentId}.`,
  };
}
