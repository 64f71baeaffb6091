import type { History } from '../history/read';
import {
  alter,
  answersTo,
  bookingOf,
  change,
  late,
  type Body,
  type BrokenPromise,
  type EventList,
} from './breaking';
import { response } from './ideal-shop';

/** What comes too late, too early, or not at all. */
export const BROKEN_TIMES: BrokenPromise[] = [
  {
    check: 'deadlines',
    what: 'a hold is kept for a tenth of a second longer than the 2 s of grace',
    breakIt: (history) => moveExpiry(history, 2_100),
  },
  {
    check: 'deadlines',
    what: 'a hold ends a little before its deadline',
    breakIt: (history) => moveExpiry(history, -100),
  },
  {
    check: 'deadlines',
    what: 'a payment is taken after the deadline',
    breakIt: (history) => {
      const [paid] = answersTo(history, 'pay', 201);
      return change(paid, { key: 'late', ...late(history) });
    },
  },
  {
    check: 'availability',
    what: 'a request has no answer though nothing is broken',
    breakIt: (history) =>
      change(history.operations[0], { ...late(history), response: undefined, error: 'ECONNRESET' }),
  },
  {
    check: 'availability',
    what: 'a probe has no answer though only a receiver is slow',
    breakIt: (history) => {
      leaveNoExcuse(history);
      history.faults = history.faults.filter(({ target }) => target.startsWith('workers→'));
      const at = { at: 5_000, wall: history.run.startedAt, milliseconds: 2_000 };
      return history.probes.push({ ...at, endpoint: 'search', ok: false, status: null }) > 0;
    },
  },
  {
    check: 'availability',
    what: 'an error of our own, in the storm',
    breakIt: ({ operations }) =>
      change(
        operations.find(({ kind }) => kind === 'seats'),
        { response: response(500, {}) },
      ),
  },
  {
    check: 'availability',
    what: 'a 503 that does not say when to come again',
    breakIt: ({ operations }) =>
      change(
        operations.find(({ kind }) => kind === 'seats'),
        { response: response(503, {}) },
      ),
  },
];

/**
 * Leaves only faults that excuse no hold: one that hits what a hold's end depends on comes long
 * after every deadline, and those that come in time hit something else.
 */
function leaveNoExcuse(history: History): void {
  const { run } = history;
  const details = {};
  const late = { begunAt: run.calmAt, endedAt: run.calmAt };
  const everywhen = { begunAt: 0, endedAt: run.calmAt };
  history.faults = [
    { id: 'late', kind: 'stop', target: 'worker-1', details, ...late },
    { id: 'clock', kind: 'clock', target: 'api-1', details, ...everywhen },
    { id: 'shop', kind: 'latency', target: 'workers→shop-1', details, ...everywhen },
  ];
}

/** Has a hold that expired end so long after its deadline, while no fault excuses it. */
function moveExpiry(history: History, byMs: number): boolean {
  leaveNoExcuse(history);
  const paid = history.operations.filter(({ kind }) => kind === 'pay').map(bookingOf);
  return history.final.bookings.some(({ bookingId, response: { body } }) => {
    const { cancellationReason, paymentRequiredBy } = JSON.parse(body) as Body;
    if (cancellationReason !== 'payment_expired' || paid.includes(bookingId)) return false;
    const end = Date.parse(paymentRequiredBy as string) + byMs;
    const lines = history.final.events.filter((own) => own.bookingId === bookingId);
    return alter(lines, ({ data }) =>
      change(
        (data as EventList['data']).find(({ type }) => type === 'cancelled'),
        { occurredAt: new Date(end).toISOString() },
      ),
    );
  });
}
