import { setTimeout as sleep } from 'node:timers/promises';
import { Crowd, type Errand } from './crowd';
import type { Shop } from './customer';
import { Tally } from './tally';

export interface ClosedLoop {
  clients: number;
  warmUpSeconds: number;
  seconds: number;
}

/** Lets so many customers buy for a while, and waits until all have finished. */
export async function closedLoop(
  shop: Shop,
  { clients, warmUpSeconds, seconds }: ClosedLoop,
  errand?: Errand,
): Promise<Tally> {
  const tally = new Tally();
  const crowd = new Crowd(shop, tally, clients, errand);
  await sleep(warmUpSeconds * 1000);
  tally.begin();
  await sleep(seconds * 1000);
  tally.end();
  await crowd.goHome();
  return tally;
}

/**
 * Returns how many bookings were made and paid for in a second of the measured time.
 *
 * @throws Error when there was none: no load can be derived from that.
 */
export function rateOf({ bookingIds, seconds }: Tally): number {
  if (bookingIds.length === 0)
    throw new Error('Nothing was sold: the machine is too busy, or --duration is too short.');
  return bookingIds.length / seconds;
}
