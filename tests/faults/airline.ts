import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '../support/random';
import type { Market } from './shopper';
import type { Times } from './on-sale';
import { between, oneOf } from './plan';
import type { RecordedClient } from './recorded-client';

const HOUR_MS = 60 * 60_000;
const PAUSE_MS = [4_000, 10_000] as const;

/** Of all flights: customers are to have something to buy. */
const MOST_CANCELLED = 0.2;

/** Operators, who move and cancel flights, and cancel bookings of customers. */
export async function operate(
  client: RecordedClient,
  { recent, network }: Market,
  {
    timetable,
    seed,
    isOpen,
  }: { timetable: ReadonlyMap<string, Times>; seed: number; isOpen: () => boolean },
): Promise<void> {
  const random = randomFrom(seed);
  const cancelled = new Set<string>();

  async function disrupt(): Promise<void> {
    const { flightIds } = network();
    const id = oneOf(random, flightIds);
    const times = timetable.get(id);
    if (times === undefined) throw new Error(`Bug: flight ${id} has no times`);
    const isEnough =
      flightIds.filter((one) => cancelled.has(one)).length >= MOST_CANCELLED * flightIds.length;
    const cancels = !isEnough && random() < 0.15;
    if (cancels) cancelled.add(id);
    const later = oneOf(random, [-4, -1, -1, 1, 1, 4]) * HOUR_MS;
    const at = (instant: Date) => new Date(instant.getTime() + later).toISOString();
    const { departureAt, arrivalAt } = times;
    await client.insist({
      ...({ kind: 'schedule_change', method: 'POST' } as const),
      path: `/api/v1/flights/${id}/schedule-changes`,
      key: `schedule-${randomUUID()}`,
      body: cancels
        ? { kind: 'cancelled', reason: 'Fog.' }
        : { kind: 'moved', departureAt: at(departureAt), arrivalAt: at(arrivalAt), reason: 'Fog.' },
    });
  }

  async function cancelBooking(): Promise<void> {
    const booking = recent.at(Math.floor(random() * recent.length));
    if (booking === undefined) return;
    await client.insist({
      ...({ kind: 'cancel', method: 'POST' } as const),
      path: `/api/v1/bookings/${booking}/cancel`,
      body: { note: 'by phone' },
    });
  }

  while (isOpen()) {
    await sleep(between(random, PAUSE_MS));
    await (random() < 0.6 ? disrupt() : cancelBooking());
  }
}
