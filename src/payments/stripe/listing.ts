import type Stripe from 'stripe';
import { z } from 'zod';
import { ProviderUnavailable } from '../gateway';
import { readAnswer } from './answers';
import { ask } from './client';
import { Intent } from './intent';

/** Stripe's maximum. */
const PAGE_SIZE = 100;

/** How long one look pages: half of the five seconds that a step has, so that it ends by itself. */
const LOOK_MS = 2_500;

/** Looks that are remembered; a few hundred bytes each. */
const REMEMBERED_LOOKS = 1_000;

/** Intents of one moment may come into the list a little later than others. */
const OVERLAP_S = 60;

interface Page {
  recent: Intent[];
  last: string | undefined;
  isEnd: boolean;
}

/** What has been looked through for one payment; times as Stripe has them, in seconds. */
interface Look {
  /** When the newest intent that was read was made. */
  newest: number;
  /** How far back it goes. */
  oldest: number;
  /** The last intent read. */
  cursor: string | undefined;
  /** Everything down to `oldest` has been read. */
  isComplete: boolean;
  /** The payment's intents among those read. */
  found: string[];
}

/** Stripe's list of PaymentIntents, which it gives from the newest on. */
export interface Listing {
  /** All that were made since then, in the order in which Stripe lists them. */
  since(instant: Date): AsyncIterable<Intent>;
  /**
   * Those that carry our payment's ID, of all that were made since then: as they were `read` now,
   * or the IDs of those that an `earlier` look has read.
   *
   * A look that takes too long is remembered: the next one goes on where it was, and first reads
   * what was made meanwhile. So a list of any length comes to its end, a step at a time.
   *
   * @throws ProviderUnavailable while there is more to look through than one step has time for.
   */
  ofPayment(paymentId: string, instant: Date): Promise<{ read: Intent[]; earlier: string[] }>;
}

/**
 * `lookMs` is how long one look may take. The list's filter by time isn't used: not every server
 * knows it.
 */
export function createListing(client: Stripe, lookMs = LOOK_MS): Listing {
  const looks = new Map<string, Look>();

  async function* pages(oldest: number, startingAfter?: string): AsyncIterable<Page> {
    for (let last = startingAfter; ;) {
      const page = await ask(() =>
        client.paymentIntents.list({
          limit: PAGE_SIZE,
          expand: ['data.latest_charge'],
          ...(last === undefined ? {} : { starting_after: last }),
        }),
      );
      const intents = readAnswer(z.array(Intent), page.data);
      const recent = intents.filter(({ created }) => created >= oldest);
      const isEnd = !page.has_more || recent.length === 0;
      last = intents.at(-1)?.id;
      yield { recent, last, isEnd };
      if (isEnd) return;
    }
  }

  /** What is known of a payment, unless it doesn't go back far enough. */
  function lookFor(paymentId: string, oldest: number): Look | undefined {
    const look = looks.get(paymentId);
    return look !== undefined && look.oldest <= oldest ? look : undefined;
  }

  function remember(paymentId: string, look: Look): void {
    looks.delete(paymentId);
    looks.set(paymentId, look);
    const [eldest] = looks.keys();
    if (looks.size > REMEMBERED_LOOKS && eldest !== undefined) looks.delete(eldest);
  }

  return {
    async *since(instant) {
      for await (const { recent } of pages(secondOf(instant))) yield* recent;
    },

    async ofPayment(paymentId, instant) {
      const giveUpAt = Date.now() + lookMs;
      const known = lookFor(paymentId, secondOf(instant));
      const look: Look = { ...(known ?? emptyLook(secondOf(instant))) };
      const read: Intent[] = [];
      const take = ({ recent }: Page) => {
        read.push(...recent.filter(({ metadata }) => metadata.paymentId === paymentId));
        look.newest = Math.max(look.newest, recent[0]?.created ?? 0);
      };
      const isOver = ({ isEnd }: Page) => !isEnd && Date.now() >= giveUpAt;
      const goOnLater = (then: Look) => {
        const ids = read.map(({ id }) => id);
        remember(paymentId, { ...then, found: [...new Set([...then.found, ...ids])] });
        return new ProviderUnavailable('Stripe’s list is longer than one look.');
      };

      if (known !== undefined)
        for await (const page of pages(known.newest - OVERLAP_S)) {
          take(page);
          // Only the whole of what is new counts: it is read again.
          if (isOver(page)) throw goOnLater(known);
        }
      if (!look.isComplete)
        for await (const page of pages(look.oldest, look.cursor)) {
          take(page);
          look.cursor = page.last;
          look.isComplete = page.isEnd;
          if (isOver(page)) throw goOnLater(look);
        }
      const isReadNow = (id: string) => read.some((intent) => intent.id === id);
      const earlier = look.found.filter((id) => !isReadNow(id));
      remember(paymentId, { ...look, found: [...earlier, ...read.map(({ id }) => id)] });
      return { read, earlier };
    },
  };
}

function emptyLook(oldest: number): Look {
  return { newest: oldest, oldest, cursor: undefined, isComplete: false, found: [] };
}

function secondOf(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}
