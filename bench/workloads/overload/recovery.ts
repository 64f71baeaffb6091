import { buySeat } from '../../drive/purchase';
import type { Shop } from '../../drive/customer';
import { Tally } from '../../drive/tally';
import { Visitors } from '../../drive/visitors';
import { spreadOf } from '../../report/numbers';

/** Purchases that the usual time of one is taken from. */
const SAMPLE = 15;

/** So many in a row must be as quick as usual. */
const IN_A_ROW = 3;

/** Twice the usual time counts as usual. */
const FACTOR = 2;

const GIVE_UP_MS = 120_000;

/** Returns the median time of a purchase while nothing else happens, in milliseconds. */
export async function usualPurchaseMs(shop: Shop): Promise<number> {
  const times: number[] = [];
  for (let done = 0; done < SAMPLE; done += 1) times.push(await timeOfPurchase(shop));
  return spreadOf(times)?.median ?? 0;
}

/**
 * Buys one seat after another until that is as quick as usual. Returns how long it took to become
 * so, in seconds; undefined when it didn't within two minutes.
 */
export async function secondsUntilUsual(shop: Shop, usualMs: number): Promise<number | undefined> {
  const from = performance.now();
  let since = from;
  let quick = 0;
  while (performance.now() - from < GIVE_UP_MS) {
    const begunAt = performance.now();
    const isQuick = (await timeOfPurchase(shop)) <= FACTOR * usualMs;
    if (isQuick && quick === 0) since = begunAt;
    quick = isQuick ? quick + 1 : 0;
    if (quick === IN_A_ROW) return (since - from) / 1000;
  }
  return undefined;
}

/** Infinite when it did not succeed. */
async function timeOfPurchase(shop: Shop): Promise<number> {
  const visitors = new Visitors(shop);
  const from = performance.now();
  try {
    await buySeat(await visitors.next(), shop, new Tally());
    return performance.now() - from;
  } catch {
    return Infinity;
  } finally {
    visitors.leave();
  }
}
