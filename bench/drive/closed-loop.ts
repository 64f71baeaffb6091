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

/** Bookings that were made and paid for in a second of the measured time. */
export function rateOf({ bookingIds, seconds }: Tally): number {
  return bookingIds.length / seconds;
}
