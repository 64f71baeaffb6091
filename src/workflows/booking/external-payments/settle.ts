import {
  CancellationScope,
  condition,
  patched,
  proxyActivities,
  sleep,
} from '@temporalio/workflow';
import type { ExternalPaymentActivities } from '../../../activities';
import { isMoney } from '../../../domain/payment';
import type { Finding, RecordedPayment } from '../../../temporal/contracts/external-payment';
import { withSummaries } from '../../shared/activities';
import type { BookingStateMachine } from '../state-machine';
import { noteRejected } from './notes';
import type { ExternalAttempt, Rejected } from './queue';

/** A transaction of this many rows takes a fraction of a second. */
const RECORDED_AT_ONCE = 100;

/** Our own provider returns this many results within the time limit of one activity. */
const LOOKED_UP_AT_ONCE = 20;

/**
 * Longest interval between two requests to a provider that gives no result. Intervals start at one
 * second and double. That is some 30 requests in a payment window of 15 minutes, each a few events
 * of history.
 */
const ASK_AGAIN_AT_LEAST_EVERY_MS = 30_000;

/**
 * A payment that no provider has confirmed is recorded as not found after this time. Its provider
 * is still asked.
 */
const ON_RECORD_AFTER_MS = 60_000;

const activities = withSummaries<ExternalPaymentActivities>(
  {
    lookUpReportedPayments: 'Ask our payment provider about reported payments',
    recordUnappliedPayments: 'Record payments that pay for nothing',
    startRefunds: 'Start the workflows that refund the money',
  },
  (summary) =>
    proxyActivities({
      summary,
      startToCloseTimeout: '15s',
      retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5s' },
    }),
);

/**
 * Handles reported payments until none is left. Asks our own providers, records payments that pay
 * for nothing, and starts their refunds. Runs one activity at a time, however many reports there
 * are.
 */
export async function settleExternalPayments(booking: BookingStateMachine): Promise<void> {
  const { external } = booking;
  // Temporal's own Cancel is a message like others: it does not stop what is to be recorded.
  await CancellationScope.nonCancellable(async () => {
    if (booking.reservation === undefined) await condition(() => booking.reservation !== undefined);
    external.admitEarly();
    let askAgainAfterMs = 1_000;
    for (;;) {
      const isDue = () => external.hasWork || external.isEmpty;
      if (external.silent.length > 0) {
        const isOver = await (patched(PAUSES_END_BY_THEMSELVES)
          ? pause(isDue, askAgainAfterMs)
          : endedPause(isDue, askAgainAfterMs));
        if (isTooEarly(booking)) await condition(() => !isTooEarly(booking));
        if (isOver()) external.askSilentAgain();
        askAgainAfterMs = Math.min(2 * askAgainAfterMs, ASK_AGAIN_AT_LEAST_EVERY_MS);
      } else {
        await condition(isDue);
        if (isTooEarly(booking)) await condition(() => !isTooEarly(booking));
        askAgainAfterMs = 1_000;
      }
      if (external.toLookUp.length > 0) await lookUp(booking);
      if (external.rejected.length > 0) await record(booking);
      if (external.isEmpty) return;
    }
  });
}

/** The mark of workflows whose pauses cancel no timer. */
const PAUSES_END_BY_THEMSELVES = 'pauses-end-by-themselves';

/**
 * Waits until something is due, or for so long. Returns what tells whether that time is over.
 *
 * What becomes due may come of a local activity, whose result a replay gets before the timer, although
 * that had fired. So neither the order of the two decides anything, nor is the timer cancelled: only
 * the clock counts, and the timer ends by itself.
 */
async function pause(isDue: () => boolean, ms: number): Promise<() => boolean> {
  const until = Date.now() + ms;
  let hasRung = false;
  void sleep(ms).then(() => {
    hasRung = true;
  });
  await condition(() => isDue() || hasRung);
  return () => Date.now() >= until;
}

/** The same, as workflows did that began before. */
async function endedPause(isDue: () => boolean, ms: number): Promise<() => boolean> {
  const isOver = !(await condition(isDue, ms));
  return () => isOver;
}

/**
 * Whether the booking is in a local activity, whose result a replay gets before any other: nothing
 * may take effect until then. Checked without an `await`, which would reorder old histories.
 */
function isTooEarly({ external, isInLocalActivity }: BookingStateMachine): boolean {
  return external.waitsItsTurn && isInLocalActivity;
}

async function lookUp(booking: BookingStateMachine): Promise<void> {
  const attempts = booking.external.toLookUp.splice(0, LOOKED_UP_AT_ONCE);
  const findings = await activities.lookUpReportedPayments(attempts.map(({ payment }) => payment));
  if (isTooEarly(booking)) await condition(() => !isTooEarly(booking));
  for (const [index, attempt] of attempts.entries())
    act(booking, attempt, findings[index] ?? { outcome: 'silent' });
}

function act(booking: BookingStateMachine, attempt: ExternalAttempt, finding: Finding): void {
  const { external } = booking;
  switch (finding.outcome) {
    case 'captured':
      external.verify(attempt, finding);
      break;
    case 'foreign':
      external.decide(attempt);
      break;
    case 'not_found':
      external.reject(attempt, 'not_found');
      break;
    case 'own_charge':
      // The card payment's own message decides. This report has no effect, and needs no line.
      external.drop(attempt);
      break;
    case 'silent':
      askLater(booking, attempt);
      break;
    default:
      finding satisfies never;
  }
}

/** Asks the provider again later, as long as the booking can still be paid for. */
function askLater(booking: BookingStateMachine, attempt: ExternalAttempt): void {
  const { external } = booking;
  if (!booking.isOpen || booking.isPastDeadline) {
    external.reject(attempt, 'provider_silent');
    return;
  }
  attempt.silentSinceMs ??= Date.now();
  const isToBeRecorded =
    !attempt.isRecorded && Date.now() - attempt.silentSinceMs >= ON_RECORD_AFTER_MS;
  if (isToBeRecorded) attempt.isRecorded = true;
  external.askLater(attempt, isToBeRecorded);
}

async function record(booking: BookingStateMachine): Promise<void> {
  const batch = booking.external.rejected.splice(0, RECORDED_AT_ONCE);
  const recorded = await activities.recordUnappliedPayments(
    batch.map(({ attempt: { payment }, reason }) => ({ payment, reason })),
  );
  if (isTooEarly(booking)) await condition(() => !isTooEarly(booking));
  for (const rejected of batch)
    if (rejected.isAskedOn !== true)
      booking.external.forget(
        rejected.attempt,
        isMoney(rejected.reason) ? 'not_applied' : 'not_found',
      );
  noteRejected(booking, newOnes(batch, recorded));
  const owed = recorded.filter(({ isHandedOver }) => isHandedOver);
  if (owed.length > 0) await activities.startRefunds(owed.map(({ paymentId }) => paymentId));
  if (isTooEarly(booking)) await condition(() => !isTooEarly(booking));
}

/** Returns the payments of a batch that are neither applied nor refunded already. */
function newOnes(batch: readonly Rejected[], recorded: readonly RecordedPayment[]): Rejected[] {
  return batch.filter((one, index) => !isMoney(one.reason) || recorded[index]?.refund !== 'none');
}
