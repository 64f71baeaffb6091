import { JOURNEYS } from '../reliability/network';
import { randomFrom } from '../support/random';
import { cancel, change, chooseSeats, correctName, respond } from './after-sale';
import { payByCard, payExternally, payLate } from './paying';
import { oneOf } from './plan';
import { book, lookAtSeats, search } from './purchase';
import type { RecordedClient } from './recorded-client';
import { think, type Market, type Shopper } from './shopper';

/**
 * One customer: books something, does one thing or another with it, and comes again, until told to
 * leave. What was begun is brought to its end.
 */
export async function visit(
  client: RecordedClient,
  market: Market,
  { seed, isOpen }: { seed: number; isOpen: () => boolean },
): Promise<void> {
  const random = randomFrom(seed);
  /** What nobody waits for before the next visit. */
  const later: Promise<void>[] = [];
  for (let count = 0; isOpen(); count += 1) {
    const shopper = { client, market, random, name: `customer-${client.client}-${count}` };
    await shop(shopper, (work) => later.push(work));
    await think(shopper);
  }
  await Promise.all(later);
}

/** One booking's life, as its customer wants it. */
async function shop(shopper: Shopper, goOnLater: (work: Promise<void>) => unknown): Promise<void> {
  const { random, market } = shopper;
  const journey = oneOf(random, JOURNEYS);
  const network = market.network();
  if (random() < 0.3) await search(shopper, network, journey);
  if (random() < 0.4) await lookAtSeats(shopper, network);
  const booking = await book(shopper, network, journey);
  if (booking === undefined) return;
  await think(shopper);
  if (random() < 0.1) await chooseSeats(shopper, booking);

  // Some look elsewhere, and let it expire; some remember it late, and some say so.
  const mind = random();
  if (mind < 0.05) return;
  if (mind < 0.1) {
    // With decisions of its own: when it comes to them, others have gone on.
    const late = { ...shopper, random: randomFrom(Math.floor(random() * 2 ** 32)) };
    goOnLater(payLate(late, booking));
    return;
  }
  if (mind < 0.16) return cancel(shopper, booking);
  const isPaid =
    mind < 0.34 ? await payExternally(shopper, booking) : await payByCard(shopper, booking);
  if (!isPaid) return random() < 0.5 ? cancel(shopper, booking) : undefined;

  await think(shopper);
  if (random() < 0.12) await correctName(shopper, booking);
  if (random() < 0.12) await chooseSeats(shopper, booking);
  if (random() < 0.25) await change(shopper, booking, network, journey);
  if (random() < 0.1)
    await Promise.all([change(shopper, booking, network, journey), cancel(shopper, booking)]);
  if (random() < 0.05)
    await Promise.all([chooseSeats(shopper, booking), correctName(shopper, booking)]);
  await respond(shopper, booking);
  if (random() < 0.3) await cancel(shopper, booking);
}
