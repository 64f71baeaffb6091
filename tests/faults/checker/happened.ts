import { problemOf } from './bodies';
import { groupBy } from './group-by';
import { isMade } from './costs';
import type { Attempts } from './requests';
import { isPaid } from './sale';
import { NEVER_HELD, type BookingStory } from './story';

/**
 * What has happened to a booking, by the names of `GET /bookings/:id/events`, in no order: what that
 * list says, and what follows from what clients were told, should the list have forgotten it.
 */
export function whatHappened(booking: BookingStory): string[] {
  const listed = countOf((booking.events ?? []).map(({ type }) => type));
  const told = countOf(toldOf(booking));
  return [...new Set([...listed.keys(), ...told.keys()])].flatMap((type) =>
    Array.from({ length: Math.max(listed.get(type) ?? 0, told.get(type) ?? 0) }, () => type),
  );
}

function countOf(types: string[]): Map<string, number> {
  return new Map([...groupBy(types, (type) => type)].map(([type, all]) => [type, all.length]));
}

/** What must have happened, as somebody was told an outcome that it leads to. */
function toldOf({
  creation,
  operations,
  requests,
  sights,
  last,
  payments = [],
}: BookingStory): string[] {
  const isRefused = NEVER_HELD.includes(last?.cancellationReason ?? '');
  const isSeen = (status: string) => sights.some(({ booking }) => booking.status === status);
  return [
    ...(creation.some(({ response }) => response?.status === 201) ? ['seats_held'] : []),
    ...(isSeen('booked') || operations.some(isPaid) ? ['booked'] : []),
    ...(isSeen('cancelled') ? [isRefused ? 'seats_refused' : 'cancelled'] : []),
    ...requests.filter(isMade).map(() => 'changed'),
    ...requests.filter(isDeclined).map(() => 'payment_declined'),
    ...payments
      .flatMap(({ refunds }) => refunds)
      .filter(({ status }) => status === 'succeeded')
      .map(() => 'refunded'),
  ];
}

function isDeclined(attempts: Attempts): boolean {
  return attempts.some(
    ({ kind, response }) => kind === 'pay' && problemOf(response)?.code === 'payment_declined',
  );
}
