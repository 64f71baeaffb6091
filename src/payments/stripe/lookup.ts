import type Stripe from 'stripe';
import { z } from 'zod';
import { ProviderRejected } from '../gateway';
import { readAnswer } from './answers';
import { ask, StripeRefusal } from './client';
import { Intent } from './intent';
import { createListing } from './listing';

/** A payment of ours, and when it was put on record, if that is known: it was made since then. */
export interface PaymentSought {
  paymentId: string;
  startedAt?: Date | undefined;
}

/** The ways to find a PaymentIntent again. */
export interface Lookup {
  /** By Stripe's ID; undefined when there is none such. */
  retrieve(id: string): Promise<Intent | undefined>;
  /** @throws ProviderRejected when there is none such. */
  require(id: string): Promise<Intent>;
  /**
   * All that carry our payment's ID; `knownId` is one that is known to do so.
   *
   * @throws ProviderUnavailable while there is more to look through: the next call goes on there.
   */
  ofPayment(payment: PaymentSought, knownId?: string): Promise<Intent[]>;
  /** All that were made since then, in the order in which Stripe lists them. */
  since(instant: Date): AsyncIterable<Intent>;
}

/** New intents come into Stripe's search index within a minute; this leaves room. */
const INDEX_LAG_MS = 5 * 60_000;

/**
 * How far back the listing goes where nothing can be searched for: past the day for which Stripe
 * remembers keys.
 */
const UNINDEXED_MS = 48 * 3_600_000;

/** Stripe's clock and our database's may differ; this leaves room. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** How many the index is asked for: Stripe's maximum. */
const SEARCHED = 100;

/**
 * Finds by metadata, for which Stripe offers a search index that lags behind, and listings that
 * don't. The index answers for what is older, a page or few of the listing for the last minutes:
 * together they miss nothing, at a cost that doesn't grow with the number of payments ever made.
 *
 * @see https://docs.stripe.com/search#data-freshness
 */
export function createLookup(client: Stripe, lookMs?: number): Lookup {
  const listing = createListing(client, lookMs);

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
    if (intent === undefined) throw new ProviderRejected(`No such payment intent: ${id}`);
    return intent;
  }

  /**
   * The IDs that the index has; undefined when there is no index to ask, as for accounts in India.
   */
  async function search(paymentId: string): Promise<string[] | undefined> {
    try {
      const query = `metadata['paymentId']:'${paymentId}'`;
      const found = await ask(() => client.paymentIntents.search({ query, limit: SEARCHED }));
      return readAnswer(z.array(Intent), found.data).map(({ id }) => id);
    } catch (error) {
      if (error instanceof StripeRefusal) return undefined;
      throw error;
    }
  }

  async function ofPayment(
    { paymentId, startedAt }: PaymentSought,
    knownId?: string,
  ): Promise<Intent[]> {
    const indexed = await search(paymentId);
    const lookBackMs = indexed === undefined ? UNINDEXED_MS : INDEX_LAG_MS;
    // Nothing of a payment is there from before it was put on record.
    const startedMs = (startedAt?.getTime() ?? 0) - CLOCK_SKEW_MS;
    const since = new Date(Math.max(Date.now() - lookBackMs, startedMs));
    const { read, earlier } = await listing.ofPayment(paymentId, since);
    const intents = [...read];
    // Of what the index or an earlier look says, only the ID can't be out of date.
    for (const id of new Set([...(indexed ?? []), ...earlier, knownId])) {
      if (id === undefined || intents.some((listed) => listed.id === id)) continue;
      const intent = await retrieve(id);
      if (intent?.metadata.paymentId === paymentId) intents.push(intent);
    }
    return intents;
  }

  return { retrieve, require, ofPayment, since: (instant) => listing.since(instant) };
}
