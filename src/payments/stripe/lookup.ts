import type Stripe from 'stripe';
import { z } from 'zod';
import { ProviderRejected } from '../gateway';
import { readAnswer } from './answers';
import { ask, StripeRefusal } from './client';
import { Intent } from './intent';
import { createListing } from './listing';

/**
 * A payment of ours, and when it was put on record, if known: its intents were created since then.
 */
export interface PaymentSought {
  paymentId: string;
  startedAt?: Date | undefined;
}

/** The ways to look up a PaymentIntent. */
export interface Lookup {
  /** By Stripe's ID; undefined when there is none. */
  retrieve(id: string): Promise<Intent | undefined>;
  /** @throws ProviderRejected when there is none. */
  require(id: string): Promise<Intent>;
  /**
   * Returns all intents of our payment; `knownId` is one that is known to belong to it.
   *
   * @throws ProviderUnavailable while there is more to search: the next call continues there.
   */
  ofPayment(payment: PaymentSought, knownId?: string): Promise<Intent[]>;
  /** Returns all that were created since then, in the order of Stripe's list. */
  since(instant: Date): AsyncIterable<Intent>;
}

/** New intents appear in Stripe's search index within a minute; this leaves a margin. */
const INDEX_LAG_MS = 5 * 60_000;

/**
 * How far back the list is read if there is no search index: past the day for which Stripe
 * remembers keys.
 */
const UNINDEXED_MS = 48 * 3_600_000;

/** Stripe's clock and our database's may differ; this leaves a margin. */
const CLOCK_SKEW_MS = 5 * 60_000;

/** How many the index may return: Stripe's maximum. */
const SEARCHED = 100;

/**
 * Finds intents by metadata. Stripe's search index lags behind, and its list doesn't. The index is
 * used for older intents, and one or a few pages of the list for the last minutes. Together they
 * miss nothing, and the cost doesn't grow with the number of payments ever made.
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
   * Returns the IDs that the index has; undefined when there is no index, as for accounts in India.
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
    // No intent of a payment is older than its record.
    const startedMs = (startedAt?.getTime() ?? 0) - CLOCK_SKEW_MS;
    const since = new Date(Math.max(Date.now() - lookBackMs, startedMs));
    const { read, earlier } = await listing.ofPayment(paymentId, since);
    const intents = [...read];
    // Only the IDs from the index or an earlier search can't be out of date.
    for (const id of new Set([...(indexed ?? []), ...earlier, knownId])) {
      if (id === undefined || intents.some((listed) => listed.id === id)) continue;
      const intent = await retrieve(id);
      if (intent?.metadata.paymentId === paymentId) intents.push(intent);
    }
    return intents;
  }

  return { retrieve, require, ofPayment, since: (instant) => listing.since(instant) };
}
