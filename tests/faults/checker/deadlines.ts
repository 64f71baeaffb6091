import type { History } from '../history/read';
import { isRefused } from './bodies';
import type { Check } from './finding';
import { atOf, clockTolerance, type BookingStory, type Story } from './story';

/** docs/reliability.md: within 2 s of the deadline, or of the return of what was away. */
const LATE_MS = 2_000;

/**
 * Deadlines are kept (docs/reliability.md, "What is promised": a hold ends at its deadline, or
 * within 2 s of the worker's return): an unpaid booking is cancelled then, not sooner and not later,
 * and no payment that was sent later is accepted.
 *
 * A fault is over, for this, with the first booking that a probe gets made after its end.
 */
export const checkDeadlines: Check = (history, story) =>
  [...story.bookings.values()].flatMap((booking) => {
    const deadline = deadlineOf(history, booking);
    return deadline === undefined
      ? []
      : [
          ...findWrongEnd(history, story, booking, deadline),
          ...findLatePayment(history, booking, deadline),
        ];
  });

function deadlineOf(history: History, { sights }: BookingStory): number | undefined {
  const instant = sights.find(({ booking }) => booking.paymentRequiredBy !== null)?.booking
    .paymentRequiredBy;
  return typeof instant === 'string' ? atOf(history, instant) : undefined;
}

function findWrongEnd(
  history: History,
  { troubles }: Story,
  { id, last, events, payments = [] }: BookingStory,
  deadline: number,
) {
  const tolerance = clockTolerance(history);
  const isExpired = last?.cancellationReason === 'payment_expired';
  const cancelled = events?.find(({ type }) => type === 'cancelled');
  // Money that was accepted in time is waited for.
  const isBeingPaid = payments.some(({ status }) => ['processing', 'authorized'].includes(status));
  const isOpen = last?.status === 'pending' && !isBeingPaid;
  const endedAt =
    isExpired && cancelled !== undefined
      ? atOf(history, cancelled.occurredAt)
      : isOpen
        ? history.run.calmAt
        : undefined;
  if (endedAt === undefined) return [];
  const seconds = (at: number) => ((at - deadline) / 1000).toFixed(1);
  if (isExpired && endedAt < deadline - tolerance)
    return [
      { what: `Booking ${id} expired ${seconds(endedAt)} s from its deadline`, operations: [] },
    ];
  const excused = troubles
    .filter(({ from, to }) => from <= endedAt && to >= deadline)
    .reduce((latest, { to }) => Math.max(latest, to), deadline);
  if (endedAt <= excused + LATE_MS + tolerance) return [];
  const what = isOpen ? 'is still held' : 'was cancelled';
  return [
    {
      what: `Booking ${id} ${what} ${seconds(endedAt)} s after its deadline; a fault excuses ${seconds(excused)} s`,
      operations: [],
    },
  ];
}

function findLatePayment(history: History, { id, operations }: BookingStory, deadline: number) {
  const pays = operations.filter(({ kind }) => kind === 'pay');
  return pays
    .filter(({ response }) => response?.status === 201)
    .filter(({ key, client }) => {
      const sent = pays.filter((other) => other.key === key && other.client === client);
      const first = Math.min(...sent.map(({ sentAt }) => sentAt));
      return first > deadline + clockTolerance(history);
    })
    .filter(({ response }) => !isRefused(response))
    .map((operation) => ({
      what: `Booking ${id} took a payment that was first sent after its deadline`,
      operations: [operation.id],
    }));
}
