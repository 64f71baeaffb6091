import { setTimeout as sleep } from 'node:timers/promises';
import type { Client as TemporalClient } from '@temporalio/client';
import type { Booking } from '../../src/domain/booking';
import type { Weather } from './nemesis';
import type { NetworkOnSale } from './on-sale';
import { between, oneOf } from './plan';
import type { RecordedClient, Reply } from './recorded-client';

/** Where customers go, and with what. */
export interface Market {
  /** What is on sale now: in a long run, something else every few minutes. */
  network(): NetworkOnSale;
  temporal: TemporalClient;
  paymentEventsSecret: string;
  weather: Weather;
  /** Bookings that were made lately, which an operator may cancel. */
  recent: string[];
}

/** Someone who wants one booking, and what they decide by. */
export interface Shopper {
  client: RecordedClient;
  market: Market;
  random: () => number;
  /** Names this booking of theirs: no other one has it. */
  name: string;
}

/** Between two things that a customer does, in milliseconds. */
const THINKS_MS = [100, 900] as const;

export function think({ random }: Pick<Shopper, 'random'>): Promise<void> {
  return sleep(between(random, THINKS_MS));
}

const CARDS = [
  ...Array.from({ length: 12 }, () => 'pm_card_visa'),
  ...['pm_card_chargeDeclined', 'pm_card_chargeDeclinedInsufficientFunds'],
  ...['pm_card_threeDSecure2Required', 'pm_sandbox_3ds_failed'],
  ...['pm_sandbox_error', 'pm_sandbox_timeout', 'pm_sandbox_slow'],
];

/** What cards are like while the provider has trouble. */
const CARDS_IN_A_STORM = [
  ...['pm_sandbox_error', 'pm_sandbox_timeout', 'pm_sandbox_slow', 'pm_sandbox_unknown'],
];

/** Returns what a customer pays with. */
export function cardOf({ random, market }: Shopper): string {
  return oneOf(random, market.weather.isProviderStormy ? CARDS_IN_A_STORM : CARDS);
}

export function readBooking(
  { client }: Shopper,
  { id }: Booking,
): Promise<Reply<Booking> | undefined> {
  return client.send<Booking>({ kind: 'get', method: 'GET', path: `/api/v1/bookings/${id}` });
}
