import { deletePaymentEvents } from '../db/external-payments/reports';
import { recordUnappliedPayments } from '../db/external-payments/unapplied';
import {
  hasWaitingEvents,
  listWaitingEvents,
  recordDelivery,
  type WaitingEvent,
} from '../db/external-payments/waiting-events';
import { isSettled } from '../domain/booking-status';
import { isSameMoney } from '../domain/money';
import { isMoney } from '../domain/payment';
import { namesOf } from '../payments/providers';
import type { ExternalPayment } from '../temporal/contracts/booking';
import type { Finding, Unapplied, RejectionReason } from '../temporal/contracts/external-payment';
import type { UnappliedReason } from '../temporal/contracts/refund';
import type { WorkflowLookup } from '../temporal/clients/workflow-lookup';
import { beating } from './beating';
import type { ActivityDependencies } from './dependencies';
import { externalPaymentActivities } from './external-payments';
import { lookUpAllReported } from './reported-payment';

/** A transaction of this many rows takes a fraction of a second. */
const BATCH = 100;

/**
 * How long our own provider is asked about a report, in milliseconds. Reconciliation finds what it
 * confirms later.
 */
const SILENT_FOR_MS = 60_000;

/**
 * Age in milliseconds up to which a report is sent to its workflow again, each time it is checked.
 */
const TOLD_AGAIN_FOR_MS = 60_000;

export interface PaymentEventDependencies extends ActivityDependencies {
  workflows: WorkflowLookup;
}

/** `more`: continue at once; `later`: some are left that must be waited for; `none` are left. */
export type EventsLeft = 'more' | 'later' | 'none';

/** The result of a batch; `recorded` is for the metrics. */
export interface SettledEvents {
  left: EventsLeft;
  recorded: { isOurProvider: boolean; isMoney: boolean }[];
}

/**
 * What to do with a report: send it to the booking's workflow, wait, drop it, or record it as
 * unapplied.
 */
type Course = 'tell' | 'wait' | 'own_charge' | RejectionReason;

/** The activity that handles reports which no booking's workflow has recorded yet. */
export function paymentEventActivities(deps: PaymentEventDependencies) {
  const { db, providers, paymentWorkflows, workflows } = deps;
  const ourProviders = namesOf(providers);
  const refunds = externalPaymentActivities(deps);

  /** Returns the bookings of these reports whose workflow is running and could act on them. */
  async function findRunning(events: readonly WaitingEvent[]): Promise<Set<string>> {
    const open = events.filter(({ booking }) => booking === null || !isSettled(booking.status));
    const running = new Set<string>();
    for (const bookingId of new Set(open.map(({ payment }) => payment.bookingId)))
      if ((await workflows.one(bookingId))?.state === 'running') running.add(bookingId);
    return running;
  }

  async function settle(
    events: readonly WaitingEvent[],
    running: Set<string>,
  ): Promise<SettledEvents['recorded']> {
    const findings = await lookUpAllReported(deps, events.map(paymentOf));
    const cases = events.map((event, index) => {
      const finding = findings[index] ?? { outcome: 'silent' };
      return { event, finding, course: chooseCourse(event, finding, running) };
    });
    const those = (course: Course) =>
      cases.filter((one) => one.course === course).map(({ event }) => paymentOf(event));

    for (const payment of those('tell')) await paymentWorkflows.signal(payment);
    await recordDelivery(db, [...those('tell'), ...those('wait')]);
    await deletePaymentEvents(db, those('own_charge'));
    const unapplied = cases.flatMap(unappliedOf);
    const recorded = await recordUnappliedPayments(db, unapplied, ourProviders);
    await refunds.startRefunds(
      recorded.filter(({ isHandedOver }) => isHandedOver).map(({ paymentId }) => paymentId),
    );
    return unapplied.map(({ payment, reason }) => ({
      isOurProvider: ourProviders.includes(payment.provider),
      isMoney: isMoney(reason),
    }));
  }

  async function settleBatch(): Promise<SettledEvents> {
    const events = await listWaitingEvents(db, BATCH);
    const running = await findRunning(events);
    // A workflow that was told has it in its history, and handles it.
    const isInHand = ({ payment, isDelivered }: WaitingEvent) =>
      isDelivered && running.has(payment.bookingId);
    const inHand = events.filter(isInHand);
    // The process that was to send it may have died before. Sent twice, it has the same effect.
    for (const event of inHand)
      if (event.ageMs < TOLD_AGAIN_FOR_MS) await paymentWorkflows.signal(event.payment);
    await recordDelivery(db, inHand.map(paymentOf));
    const others = events.filter((event) => !isInHand(event));
    const recorded = await settle(others, running);
    if (events.length === BATCH) return { left: 'more', recorded };
    return { left: (await hasWaitingEvents(db)) ? 'later' : 'none', recorded };
  }

  return {
    /**
     * Handles the next batch of reports that are not on record. What could pay for its booking is
     * sent to the booking's workflow. Everything else is recorded here, and its refunds are
     * started. Heartbeats, so that a worker that dies is noticed.
     *
     * Safe to repeat: each step is, and a report leaves the table when its payment is on record.
     */
    settlePaymentEvents: (): Promise<SettledEvents> => beating(settleBatch),
  };
}

export type PaymentEventActivities = ReturnType<typeof paymentEventActivities>;

function paymentOf({ payment }: WaitingEvent): ExternalPayment {
  return payment;
}

function chooseCourse(event: WaitingEvent, finding: Finding, running: ReadonlySet<string>): Course {
  const isRunning = running.has(event.payment.bookingId);
  switch (finding.outcome) {
    case 'own_charge':
    case 'not_found':
      return finding.outcome;
    case 'silent':
      // A workflow asks again until its deadline.
      if (isRunning) return 'tell';
      return event.ageMs < SILENT_FOR_MS ? 'wait' : 'provider_silent';
    case 'captured':
      return findUnappliedReason(event.booking, finding, isRunning) ?? 'tell';
    case 'foreign':
      return findUnappliedReason(event.booking, event.payment, isRunning) ?? 'tell';
    default:
      return finding satisfies never;
  }
}

/**
 * Returns why money can't pay for a booking, according to the database; undefined when it could.
 */
function findUnappliedReason(
  booking: WaitingEvent['booking'],
  money: { amount: number; currency: string },
  isRunning: boolean,
): UnappliedReason | undefined {
  if (booking === null) return isRunning ? undefined : 'unknown_booking';
  switch (booking.status) {
    case 'booked':
      return 'second_payment';
    case 'cancelled':
      return 'booking_cancelled';
    case 'initiated':
      return isRunning ? undefined : 'late';
    case 'pending': {
      if (!isRunning) return 'late';
      if (!isSameMoney(booking.price, money)) return 'amount_mismatch';
      const isLate = (booking.paymentRequiredBy?.getTime() ?? 0) <= Date.now();
      return isLate ? 'late' : undefined;
    }
    default:
      return booking.status satisfies never;
  }
}

interface Case {
  event: WaitingEvent;
  finding: Finding;
  course: Course;
}

/** Returns what is recorded as unapplied, with the amount that our provider took. */
function unappliedOf({ event: { payment }, finding, course }: Case): Unapplied[] {
  if (course === 'tell' || course === 'wait' || course === 'own_charge') return [];
  if (finding.outcome !== 'captured') return [{ payment, reason: course }];
  const { amount, currency } = finding;
  return [{ payment: { ...payment, amount, currency }, reason: course }];
}
