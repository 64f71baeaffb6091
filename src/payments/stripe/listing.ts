import type Stripe from 'stripe';
import { z } from 'zod';
import { ProviderUnavailable } from '../gateway';
import { readAnswer } from './answers';
import { ask } from './client';
import { Intent } from './intent';

/** Stripe's maximum. */
const PAGE_SIZE = 100;

/**
 * How long one search reads pages: half of the five seconds that an activity has, so that it ends
 * within the limit.
 */
const LOOK_MS = 2_500;

/** Number of searches that are remembered; a few hundred bytes each. */
const REMEMBERED_LOOKS = 1_000;

/** Intents of one moment may appear in the list a little later than others. */
const OVERLAP_S = 60;

interface Page {
  recent: Intent[];
  last: string | undefined;
  isEnd: boolean;
}

/** What has been searched for one payment; times are Stripe's, in seconds. */
interface Look {
  /** When the newest intent that was read was created. */
  newest: number;
  /** How far back the search goes. */
  oldest: number;
  /** The last intent read. */
  cursor: string | undefined;
  /** Everything down to `oldest` has been read. */
  isComplete: boolean;
  /** The payment's intents among those read. */
  found: string[];
}

/** Stripe's list of PaymentIntents, which is ordered from the newest on. */
export interface Listing {
  /** Returns all that were created since then, in the order of Stripe's list. */
  since(instant: Date): AsyncIterable<Intent>;
  /**
   * Returns those of our payment, among all that were created since then. `read` are those read
   * now; `earlier` are the IDs of those that an earlier search has read.
   *
   * A search that takes too long is remembered. The next one first reads what was created
   * meanwhile, then continues where the last one ended. So a list of any length is read completely,
   * in several calls.
   *
   * @throws ProviderUnavailable while there is more to read than one call has time for.
   */
  ofPayment(paymentId: string, instant: Date): Promise<{ read: Intent[]; earlier: string[] }>;
}

/**
 * `lookMs` is how long one search may take. The list's filter by time isn't used: not every server
 * supports it.
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

  /** Returns the remembered search for a payment, unless it doesn't go back far enough. */
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
        return new ProviderUnavailable('Stripe’s list is longer than one run can read.');
      };

      if (known !== undefined)
        for await (const page of pages(known.newest - OVERLAP_S)) {
          take(page);
          // Only a complete read of what is new counts: otherwise it is read again.
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
