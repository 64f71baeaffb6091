import type { ScheduleChange } from '../../src/db/schedule-changes/progress-view';
import type { Booking } from '../../src/domain/booking';
import type { Db } from '../../src/db/connection';
import { newKey, type Client } from '../api/client';
import type { Answer } from '../api/contract';
import { expectExactMoney, expectExactSeats, readApplied, untilSettled } from './exactness';
import type { Card, Disruption, JourneyCommand, JourneySequence } from './journey-commands';
import { JOURNEYS, sliceOf, type Journey, type Network } from './network';
import { persist } from './shopper';
import { travellerOf, type Travel, type Traveller, type TravellerShop } from './traveller';

/** The system that sequences are run on. */
export interface JourneyShop extends TravellerShop {
  db: Db;
  customer(): Promise<Client>;
  operator(): Promise<Client>;
  /** Flights that nobody else books. */
  network(departsInDays: number): Promise<Network>;
  cards: Record<Card, string>;
  /** Kills a process, or does nothing. */
  crash(): void;
}

/** What the fare keeps of a cancellation that isn't free. */
const FEE = 5_000;
const HOUR_MS = 60 * 60_000;

interface Scene {
  shop: JourneyShop;
  operator: Client;
  network: Network;
  sequence: JourneySequence;
  traveller: Traveller;
  travel: Travel;
  /** When each flight was to leave and land before the airline did anything. */
  planned: Map<string, { departure_at: Date; arrival_at: Date }>;
  scheduleChanges: string[];
}

/**
 * Runs one sequence, and holds the end of it against the books: money at the provider, seats of all
 * flights, and what the customer was told. Returns how it ended.
 */
export async function runJourney(shop: JourneyShop, sequence: JourneySequence): Promise<string> {
  const network = await shop.network(sequence.departsInDays);
  const traveller = travellerOf(shop, await shop.customer());
  const slices = journeyOf(sequence).map((legs) => sliceOf(network, legs, () => 0));
  const travel = await traveller.book(slices, sequence.party);
  if (travel === undefined) throw new Error('A journey on empty flights was refused');
  const flights = await shop.db('flights').whereIn('id', network.flightIds);
  const scene = {
    shop,
    operator: await shop.operator(),
    network,
    sequence,
    traveller,
    travel,
    planned: new Map(flights.map((flight) => [flight.id, flight])),
    scheduleChanges: [],
  };
  for (const step of sequence.steps) await Promise.all(step.map((command) => obey(scene, command)));
  return checkEnding(scene);
}

function journeyOf({ journey }: JourneySequence): Journey {
  const legs = JOURNEYS[journey];
  if (legs === undefined) throw new Error(`Bug: there is no journey ${journey}`);
  return legs;
}

async function obey(scene: Scene, command: JourneyCommand): Promise<void> {
  const { shop, traveller, travel, operator } = scene;
  switch (command.do) {
    case 'pay': {
      const paid = await traveller.pay(travel, shop.cards[command.with]);
      expectOneOf(paid, PAY, command.with);
      return;
    }
    case 'change':
      await change(scene, command);
      return;
    case 'accept':
      expectOneOf(await traveller.accept(travel), ACCEPT);
      return;
    case 'cancel': {
      const by = command.as === 'operator' ? operator : travel.client;
      expectOneOf(await traveller.cancel(travel, by), CANCEL);
      return;
    }
    case 'disrupt':
      await disrupt(scene, command);
      return;
    case 'crash':
      shop.crash();
      return;
    default:
      throw new Error(`Bug: ${String(command satisfies never)} is no command`);
  }
}

const PAY = ['booking_not_payable', 'payment_in_progress'];
const QUOTE = [
  ...['booking_not_changeable', 'change_in_progress', 'flight_closed', 'validation_failed'],
];
const CHANGE = [...QUOTE, 'quote_expired'];
const ACCEPT = ['schedule_change_closed', 'schedule_change_not_found'];
const CANCEL = ['payment_in_progress', 'change_in_progress'];
const DISRUPT = ['schedule_change_closed', 'validation_failed'];

/** Expects success, or one of the refusals that others may have brought about. */
function expectOneOf(answer: Answer, codes: string[], card?: Card): void {
  const { code } = (answer.body ?? {}) as { code?: string };
  const declined = card === 'declined' ? ['payment_declined'] : [];
  if (answer.status < 300) expect(card).not.toBe('declined');
  else expect([...codes, ...declined]).toContain(code);
}

async function change(
  { shop, network, sequence, traveller, travel }: Scene,
  command: Extract<JourneyCommand, { do: 'change' }>,
): Promise<void> {
  const journey = journeyOf(sequence);
  const replaces = command.replaces % journey.length;
  const wasCancelled = travel.cancelled !== undefined;
  const slice = sliceOf(network, journey[replaces] ?? [], (leg) => command.flights[leg % 2] ?? 0);
  const card = shop.cards[command.with];
  const answer = await traveller.change(travel, [{ replaces, ...slice }], card);
  if (wasCancelled) expect(answer.status).toBe(409);
  // A change that costs nothing is made whatever the card.
  if (answer.status >= 300) expectOneOf(answer, CHANGE, command.with);
}

async function disrupt(
  { network, operator, planned, scheduleChanges }: Scene,
  { how, leg, flight }: Extract<JourneyCommand, { do: 'disrupt' }>,
): Promise<void> {
  const flightId = network.legs[leg]?.[flight] ?? '';
  const key = { 'x-idempotency-key': newKey() };
  const path = `/api/v1/flights/${flightId}/schedule-changes`;
  const ordered = await persist(
    () => operator.post<ScheduleChange>(path, orderOf(how, planned.get(flightId)), key),
    ({ status }) => status !== 503,
  );
  if (ordered.status !== 202) {
    expectOneOf(ordered, DISRUPT);
    return;
  }
  // It may be accepted, and not be carried out yet.
  await readApplied(operator, ordered.body.id);
  scheduleChanges.push(ordered.body.id);
}

function orderOf(how: Disruption, flight?: { departure_at: Date; arrival_at: Date }) {
  if (flight === undefined) throw new Error('Bug: the flight is of no network');
  if (how === 'cancelled') return { kind: how, reason: 'Fog.' };
  const moved = (instant: Date) => new Date(instant.getTime() + how * HOUR_MS).toISOString();
  const { departure_at, arrival_at } = flight;
  const times = { departureAt: moved(departure_at), arrivalAt: moved(arrival_at) };
  return { kind: 'moved', ...times, reason: 'Fog.' };
}

async function checkEnding(scene: Scene): Promise<string> {
  const { shop, network, traveller, travel, operator, scheduleChanges } = scene;
  // A hold that nobody pays for would last until its deadline.
  if ((await traveller.read(travel)).status === 'pending') await traveller.cancel(travel);
  await untilSettled(shop.db, [travel.booking.id]);
  const final = await traveller.read(travel);
  await expectExactMoney(shop.db, travel, final);
  await expectExactSeats(shop.db, network.flightIds, [final]);
  for (const id of scheduleChanges) await expectDealtWith(operator, id);
  expectFairRefund(scene, final);
  const [only, ...others] = travel.changes;
  if (only !== undefined && others.length === 0)
    for (const { replaces, flightIds } of only.slices)
      expect(final.slices?.[replaces]?.segments.map(({ id }) => id)).toEqual(flightIds);
  return endingOf(travel, final);
}

async function expectDealtWith(operator: Client, id: string): Promise<void> {
  const body = await readApplied(operator, id);
  const { affected, settled, waiting, failed } = body;
  expect({ affected: settled + waiting, failed }).toEqual({ affected, failed: 0 });
  expect(body.status).toBe(waiting > 0 ? 'waiting' : 'completed');
}

/** All of the price goes back, or the fare's fee is kept; all, wherever the rules say so. */
function expectFairRefund({ travel, sequence, scheduleChanges }: Scene, final: Booking): void {
  if (final.status !== 'cancelled' || !travel.isPaid) return;
  const kept = final.price.amount - (final.refund?.amount ?? 0);
  expect([0, FEE]).toContain(kept);
  const isFree = final.cancellationReason !== 'customer_request' || sequence.departsInDays === 30;
  if (isFree) expect(kept).toBe(0);
  else if (scheduleChanges.length === 0) expect(kept).toBe(FEE);
}

function endingOf({ isPaid, changes }: Travel, { status, scheduleChange }: Booking): string {
  if (!isPaid) return 'not paid';
  const changed = changes.length > 0 ? ', changed' : '';
  const disrupted =
    (scheduleChange ?? null) === null ? '' : `, ${scheduleChange?.actionTaken ?? 'offered'}`;
  return `${status}${changed}${disrupted}`;
}
