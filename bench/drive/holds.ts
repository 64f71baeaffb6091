import type { Shop } from './customer';
import { createUntilDecided } from './persistent';
import { codeOf } from './requests';
import { Visitors } from './visitors';

/**
 * Makes so many holds by so many clients at once, each of a customer of its own, on the flights in
 * turn. Nobody pays.
 *
 * @throws Error when one is refused.
 */
export async function makeHolds(
  shop: Shop,
  { count, clients }: { count: number; clients: number },
  onProgress: (made: number) => void,
): Promise<void> {
  const visitors = new Visitors(shop);
  let [begun, made] = [0, 0];
  const client = async () => {
    while (begun < count) {
      const flightId = shop.flights[begun % shop.flights.length];
      begun += 1;
      const { answer } = await createUntilDecided(await visitors.newcomer(), flightId);
      if (answer.status !== 201) throw new Error(`A hold got ${codeOf(answer)}.`);
      made += 1;
      onProgress(made);
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, client));
  } finally {
    visitors.leave();
  }
}
