import type { OperationKind, Response } from '../history/format';
import type { History, Operation } from '../history/read';
import { response } from './ideal-shop';
import type { CHECKS } from './judge';

/**
 * Ways to break a promise, each as it would look in the history: one place of a good history is
 * changed. Returns false where the history has no such place.
 */
export interface BrokenPromise {
  check: keyof typeof CHECKS;
  what: string;
  breakIt: (history: History) => boolean;
}

/** A response's JSON. */
export type Body = Record<string, unknown>;
interface Answered {
  response: Response | undefined;
}

/** Changes the body of the first response for which the change returns true. */
export function alter(answered: Answered[], change: (body: Body) => boolean): boolean {
  return answered.some((one) => {
    if (one.response === undefined) return false;
    const body = JSON.parse(one.response.body) as Body;
    if (!change(body)) return false;
    one.response = response(one.response.status, body, one.response.headers);
    return true;
  });
}

export function becomes(status: string, change: Body) {
  return (body: Body) => body.status === status && Object.assign(body, change) === body;
}

export function answersTo(
  { operations }: History,
  kind: OperationKind,
  status: number,
): Operation[] {
  return operations.filter((one) => one.kind === kind && one.response?.status === status);
}

export const bookingOf = (operation: Operation) =>
  (operation.request.body as { bookingId?: string } | null)?.bookingId ??
  /bookings\/([0-9a-f-]{36})/.exec(operation.request.path)?.[1];

/** Final reads of bookings about which such an acknowledged operation was. */
export function endsOf(history: History, kind: OperationKind, status: number) {
  const ids = answersTo(history, kind, status).map(bookingOf);
  return history.final.bookings.filter(({ bookingId }) => ids.includes(bookingId));
}

/** Takes the first item that fits out of a list. */
export function remove<T>(items: T[], fits: (item: T) => boolean): boolean {
  const index = items.findIndex(fits);
  if (index !== -1) items.splice(index, 1);
  return index !== -1;
}

export function change<T extends object>(item: T | undefined, by: Partial<T>): boolean {
  return item !== undefined && Object.assign(item, by) === item;
}

/** Final reads of bookings that nobody has tried to change, and whose creation was acknowledged. */
export function lasting(history: History) {
  const made = answersTo(history, 'book', 201).map(
    (operation) => (JSON.parse(operation.response?.body ?? '') as Body).id,
  );
  const changed = history.operations.filter(({ kind }) => kind === 'change').map(bookingOf);
  return history.final.bookings.filter(
    ({ bookingId }) => made.includes(bookingId) && !changed.includes(bookingId),
  );
}

export interface EventList {
  data: { type: string; occurredAt: string }[];
}

/** When the run is over; a time without faults. */
export const late = ({ run }: History) => ({ sentAt: run.calmAt + 1, endedAt: run.calmAt + 2 });
