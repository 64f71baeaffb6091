import type Stripe from 'stripe';
import { z } from 'zod';
import { readAnswer } from './answers';
import { ask, StripeRefusal } from './client';
import { Intent } from './intent';

/** The ways to find a PaymentIntent again. */
export interface Lookup {
  /** By Stripe's ID; undefined when there is none such. */
  retrieve(id: string): Promise<Intent | undefined>;
  /** @throws Error when there is none such: only a caller's mistake asks for one. */
  require(id: string): Promise<Intent>;
  /** All that carry our payment's ID; `knownId` is one that is known to do so. */
  ofPayment(paymentId: string, knownId?: string): Promise<Intent[]>;
  /** All that were made since then, in the order in which Stripe lists them. */
  since(instant: Date): AsyncIterable<Intent>;
}

/** New intents come into Stripe's search index within a minute; this leaves room. */
const INDEX_LAG_MS = 5 * 60_000;

/** How far back the listing goes where nothing can be searched for: past the day for which Stripe remembers keys. */
const UNINDEXED_MS = 48 * 3_600_000;

/** Stripe's maximum. */
const PAGE_SIZE = 100;

/**
 * Finds by metadata, for which Stripe offers a search index that lags behind, and listings that don't. The index answers for what is older, a page or few of
 * the listing for the last minutes: together they miss nothing, at a cost that doesn't grow with the number of payments ever made.
 *
 * The listing's filter by time isn't used: not every server knows it, and the order in which Stripe lists, newest first, serves as well.
 *
 * @see https://docs.stripe.com/search#data-freshness
 */
export function createLookup(client: Stripe): Lookup {
  async function retrieve(id: string): Promise<Intent | undefined> {
    try {
      const found = await ask(() =>
        client.paymentIntents.retrieve(id, { expand: ['latest_charge'] }),
      );
      return readAnswer(Intent, found);
    } catch (error) {
      if (error instanceof StripeRefusal && error.status === 404) return undefined;
      throw error;
    }
  }

  async function require(id: string): Promise<Intent> {
    const intent = await retrieve(id);
    if (intent === undefined) throw new Error(`No such payment intent: ${id}`);
    return intent;
  }

  async function* since(instant: Date): AsyncIterable<Intent> {
    const firstSecond = Math.floor(instant.getTime() / 1000);
    for (let last: string | undefined; ;) {
      const page = await ask(() =>
        client.paymentIntents.list({
          limit: PAGE_SIZE,
          expand: ['data.latest_charge'],
          ...(last === undefined ? {} : { starting_after: last }),
        }),
      );
      const intents = readAnswer(z.array(Intent), page.data);
      const recent = intents.filter(({ created }) => created >= firstSecond);
      yield* recent;
      last = intents.at(-1)?.id;
      if (!page.has_more || recent.length === 0) return;
    }
  }

  /** The IDs that the index has; undefined when there is no index to ask, as for accounts in India. */
  async function search(paymentId: string): Promise<string[] | undefined> {
    try {
      const query = `metadata['paymentId']:'${paymentId}'`;
      const found = await ask(() => client.paymentIntents.search({ query, limit: PAGE_SIZE }));
      return readAnswer(z.array(Intent), found.data).map(({ id }) => id);
    } catch (error) {
      if (error instanceof StripeRefusal) return undefined;
      throw error;
    }
  }

  async function ofPayment(paymentId: string, knownId?: string): Promise<Intent[]> {
    const indexed = await search(paymentId);
    const lookBackMs = indexed === undefined ? UNINDEXED_MS : INDEX_LAG_MS;
    const intents: Intent[] = [];
    for await (const intent of since(new Date(Date.now() - lookBackMs))) {
      if (intent.metadata.paymentId === paymentId) intents.push(intent);
    }
    // Of what the index says, only the ID can't be out of date.
    for (const id of [...(indexed ?? []), knownId]) {
      if (id === undefined || intents.some((listed) => listed.id === id)) continue;
      const intent = await retrieve(id);
      if (intent?.metadata.paymentId === paymentId) intents.push(intent);
    }
    return intents;
  }

  return { retrieve, require, ofPayment, since };
}
