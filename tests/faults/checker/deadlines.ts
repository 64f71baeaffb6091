import type { History } from '../history/read';
import { isRefused } from './bodies';
import type { Check } from './finding';
import { atOf, CLOCK_TOLERANCE_MS, type BookingStory, type Story } from './story';
import type { Trouble } from './troubles';

/** docs/reliability.md: within 2 s of the deadline, or of the return of what was away. */
const LATE_MS = 2_000;

/**
 * Deadlines are kept (docs/reliability.md, "What is promised": a hold ends at its deadline, or
 * within 2 s of the worker's return): an unpaid booking is cancelled then, not sooner and not later,
 * and no payment that was sent later is accepted.
 */
export const checkDeadlines: Check = (history, story) => [
  ...findHolds(history, story).flatMap(findWrongEnd),
  ...[...story.bookings.values()].flatMap((booking) => findLatePayment(history, booking)),
];

/** A hold that its deadline ended, or should have; in milliseconds since the run began. */
export interface Hold {
  bookingId: string;
  deadline: number;
  /** When it was to end: at its deadline, or when the payment that was under way then had failed. */
  dueAt: number;
  endedAt: number;
  /** It is still there when all is calm, which is taken for its end. */
  isOpen: boolean;
  /** When the last fault that was in its way was over; `dueAt` where none was. */
  excusedUntil: number;
}

/** Returns the holds that nobody paid for, and that nothing else ended. */
export function findHolds(history: History, { bookings, troubles }: Story): Hold[] {
  const inTheWay = troubles.filter(({ area }) => area === 'core');
  return [...bookings.values()].flatMap((booking) => {
    const deadline = deadlineOf(history, booking);
    const end = deadline === undefined ? undefined : endOf(history, booking);
    if (deadline === undefined || end === undefined) return [];
    const dueAt = Math.max(deadline, ...failedPayments(history, booking, { deadline, ...end }));
    const excusedUntil = excuse(inTheWay, dueAt);
    return [{ bookingId: booking.id, deadline, dueAt, ...end, excusedUntil }];
  });
}

function deadlineOf(history: History, { sights }: BookingStory): number | undefined {
  const instant = sights.find(({ booking }) => booking.paymentRequiredBy !== null)?.booking
    .paymentRequiredBy;
  return typeof instant === 'string' ? atOf(history, instant) : undefined;
}

function endOf(history: History, { last, events, payments = [] }: BookingStory) {
  const cancelled = events?.find(({ type }) => type === 'cancelled');
  if (last?.cancellationReason === 'payment_expired' && cancelled !== undefined)
    return { endedAt: atOf(history, cancelled.occurredAt), isOpen: false };
  // Money that was accepted in time is waited for.
  const isBeingPaid = payments.some(({ status }) => ['processing', 'authorized'].includes(status));
  return last?.status === 'pending' && !isBeingPaid
    ? { endedAt: history.run.calmAt, isOpen: true }
    : undefined;
}

/** When payments that had been asked for before the deadline failed, if the hold was still there. */
function failedPayments(
  history: History,
  { operations, events = [] }: BookingStory,
  { deadline, endedAt }: { deadline: number; endedAt: number },
): number[] {
  const isAsked = operations.some(({ kind, sentAt }) => kind === 'pay' && sentAt < deadline);
  if (!isAsked) return [];
  return events
    .filter(({ type }) => type === 'payment_declined' || type === 'payment_voided')
    .map(({ occurredAt }) => atOf(history, occurredAt))
    .filter((at) => at <= endedAt);
}

/** A fault that begins before the time of grace is over has it begin anew when that is over. */
function excuse(inTheWay: Trouble[], dueAt: number): number {
  return inTheWay.reduce(
    (until, { from, to }) => (from <= until + LATE_MS && to > until ? to : until),
    dueAt,
  );
}

function findWrongEnd({ bookingId, deadline, dueAt, endedAt, isOpen, excusedUntil }: Hold) {
  const after = (at: number) => `${((at - deadline) / 1000).toFixed(1)} s`;
  if (endedAt < deadline - CLOCK_TOLERANCE_MS)
    return [
      { what: `Booking ${bookingId} expired ${after(endedAt)} from its deadline`, operations: [] },
    ];
  if (endedAt <= excusedUntil + LATE_MS + CLOCK_TOLERANCE_MS) return [];
  const what = isOpen ? 'is still held' : 'was cancelled';
  const paying = dueAt > deadline ? `; a payment was under way for ${after(dueAt)}` : '';
  const faults = excusedUntil > dueAt ? `; a fault excuses ${after(excusedUntil)}` : '';
  return [
    {
      what: `Booking ${bookingId} ${what} ${after(endedAt)} after its deadline${paying}${faults}`,
      operations: [],
    },
  ];
}

function findLatePayment(history: History, booking: BookingStory) {
  const { id, operations } = booking;
  const deadline = deadlineOf(history, booking);
  if (deadline === undefined) return [];
  const pays = operations.filter(({ kind }) => kind === 'pay');
  return pays
    .filter(({ response }) => response?.status === 201)
    .filter(({ key, client }) => {
      const sent = pays.filter((other) => other.key === key && other.client === client);
      const first = Math.min(...sent.map(({ sentAt }) => sentAt));
      return first > deadline + CLOCK_TOLERANCE_MS;
    })
    .filter(({ response }) => !isRefused(response))
    .map((operation) => ({
      what: `Booking ${id} took a payment that was first sent after its deadline`,
      operations: [operation.id],
    }));
}
