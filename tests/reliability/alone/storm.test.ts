import { setTimeout as wait } from 'node:timers/promises';
import type { Booking } from '../../../src/domain/booking';
import { newKey } from '../../api/client';
import type { Answer } from '../../api/contract';
import { deadlocksOf } from '../../support/database';
import { randomFrom } from '../../support/random';
import type { CrashShop } from '../crash-shop';
import { expectExactMoney, expectExactSeats, readApplied, untilSettled } from '../exactness';
import { JOURNEYS, putNetworkOnSale, sliceOf, type Journey, type Network } from '../network';
import { travellerOf, type Travel, type Traveller } from '../traveller';
import { openForAllTests } from '../whole-file';

/**
 * Customers book, change and cancel journeys over the same twenty flights, while the airline moves
 * and cancels these flights, two at a time.
 *
 * STORM_CLIENTS and STORM_SECONDS say how many and for how long, SEED repeats the choices of an
 * earlier run; all are printed. The long form: STORM_CLIENTS=64 STORM_SECONDS=120.
 */
const CLIENTS = Number(process.env.STORM_CLIENTS ?? '24');
const STORM_SECONDS = Number(process.env.STORM_SECONDS ?? '20');
const SEED = Number(process.env.SEED ?? String(Date.now() % 1_000_000));

/** On each of the four legs, with so few seats that many customers want the last ones at last. */
const FLIGHTS_PER_LEG = 5;
const SEATS = Math.max(18, Math.round(0.9 * STORM_SECONDS));

/** Enough to disrupt many; the others still have flights to book. */
const MOST_CANCELLED = 5;

const PAYMENT_WINDOW_SECONDS = 900;

/** Between two disruptions: customers are to get something done, too. */
const PAUSE_MS = 1_000;
const HOUR_MS = 60 * 60_000;

let shop: CrashShop;
let network: Network;

/** How often each request was answered how. */
const answers: Record<string, number> = {};
const travels: Travel[] = [];

openForAllTests(PAYMENT_WINDOW_SECONDS, (opened) => {
  shop = opened;
});

beforeAll(async () => {
  network = await putNetworkOnSale(shop.db, {
    flights: FLIGHTS_PER_LEG,
    seats: SEATS,
    departsInDays: 30,
  });
});

function answered(what: string, { status, body }: Answer): void {
  const { code } = (body ?? {}) as { code?: string };
  const how = `${what}: ${status}${status < 400 ? '' : ` ${code ?? ''}`}`;
  answers[how] = (answers[how] ?? 0) + 1;
}

/** No bank of the sandbox provider asks anyone. */
const confirm = () => Promise.reject(new Error('Bug: a bank has asked'));

type Random = () => number;

function oneOf<T>(random: Random, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)] as T;
}

/** A card that works for most; for some one that is declined, or whose provider fails at first. */
function anyCard(random: Random): string {
  return oneOf(random, [
    ...Array.from({ length: 8 }, () => 'pm_card_visa'),
    'pm_card_chargeDeclined',
    'pm_sandbox_error',
  ]);
}

/** One customer after another books something, and does one thing or another with it. */
async function client(number: number, until: number): Promise<void> {
  const random = randomFrom(SEED + number);
  while (Date.now() < until) {
    const customer = await shop.customer();
    await visit(travellerOf({ confirm, answered }, customer), random);
  }
}

async function visit(traveller: Traveller, random: Random): Promise<void> {
  const journey = oneOf(random, JOURNEYS);
  const pick = () => Math.floor(random() * FLIGHTS_PER_LEG);
  const slices = journey.map((legs) => sliceOf(network, legs, pick));
  const travel = await traveller.book(slices, random() < 0.3 ? 2 : 1);
  if (travel === undefined) return;
  travels.push(travel);
  await traveller.pay(travel, anyCard(random));
  if (!travel.isPaid) {
    await traveller.cancel(travel);
    return;
  }
  const change = () => changeSomething(traveller, { travel, journey }, random);
  if (random() < 0.6) await change();
  if (random() < 0.2) await Promise.all([change(), traveller.cancel(travel)]);
  if (random() < 0.2) await Promise.all([change(), change()]);
  const { scheduleChange } = await traveller.read(travel);
  if (scheduleChange?.availableActions.includes('accept') === true && random() < 0.5)
    await traveller.accept(travel);
  if (random() < 0.5) await traveller.cancel(travel);
}

async function changeSomething(
  traveller: Traveller,
  { travel, journey }: { travel: Travel; journey: Journey },
  random: Random,
): Promise<void> {
  const replaces = Math.floor(random() * journey.length);
  const pick = () => Math.floor(random() * FLIGHTS_PER_LEG);
  const slice = sliceOf(network, journey[replaces] ?? [], pick);
  await traveller.change(travel, [{ replaces, ...slice }], anyCard(random));
}

/** Moves and cancels flights, two of them at once. Returns their schedule changes. */
async function airline(until: number): Promise<string[]> {
  const random = randomFrom(SEED);
  const operator = await shop.operator();
  const planned = await shop.db('flights').whereIn('id', network.flightIds);
  const ids: string[] = [];
  let cancelled = 0;
  const disrupt = async () => {
    const { id, departure_at, arrival_at } = oneOf(random, planned);
    const cancels = cancelled < MOST_CANCELLED && random() < 0.2;
    if (cancels) cancelled += 1;
    const later = oneOf(random, [-4, -1, 0, 1, 4]) * HOUR_MS;
    const at = (instant: Date) => new Date(instant.getTime() + later).toISOString();
    const order = cancels
      ? { kind: 'cancelled', reason: 'Fog.' }
      : { kind: 'moved', departureAt: at(departure_at), arrivalAt: at(arrival_at), reason: 'Fog.' };
    const path = `/api/v1/flights/${id}/schedule-changes`;
    const answer = await operator.post<{ id: string }>(path, order, {
      'x-idempotency-key': newKey(),
    });
    answered(`airline, ${order.kind}`, answer);
    if (answer.status === 202) ids.push(answer.body.id);
  };
  while (Date.now() < until) {
    await Promise.all([disrupt(), disrupt()]);
    await wait(PAUSE_MS);
  }
  return ids;
}

test(
  `${CLIENTS} clients and an airline for ${STORM_SECONDS} s: no deadlock, no failure, and exact to the cent`,
  async () => {
    const until = Date.now() + STORM_SECONDS * 1_000;
    const [ids] = await Promise.all([
      airline(until),
      ...Array.from({ length: CLIENTS }, (_, number) => client(number + 1, until)),
    ]);
    console.log(
      `SEED=${SEED} STORM_SECONDS=${STORM_SECONDS}: ${travels.length} bookings;`,
      answers,
    );
    expect(Object.keys(answers).filter((how) => /: 5\d\d/.test(how))).toEqual([]);
    expect(await deadlocksOf(shop.db)).toBe(0);
    expect(ids.length).toBeGreaterThan(0);
    expect(travels.filter(({ changes }) => changes.length > 0).length).toBeGreaterThan(0);

    const operator = await shop.operator();
    for (const id of ids) await readApplied(operator, id);
    await untilSettled(
      shop.db,
      travels.map(({ booking }) => booking.id),
    );
    const finals: Booking[] = [];
    for (const travel of travels) {
      const { body: final } = await operator.read(travel.booking.id);
      await expectExactMoney(shop.db, travel, final);
      finals.push(final);
    }
    await expectExactSeats(shop.db, network.flightIds, finals);
    for (const id of ids) {
      const { status, failed } = await readApplied(operator, id);
      expect(['waiting', 'completed']).toContain(status);
      expect(failed).toBe(0);
    }
    expect(await shop.audit()).toEqual([]);
    expect(await deadlocksOf(shop.db)).toBe(0);
  },
  120_000 + 4_000 * STORM_SECONDS,
);
