import { setTimeout as wait } from 'node:timers/promises';
import type { ScheduleChange } from '../../src/db/schedule-changes/progress-view';
import type { Booking } from '../../src/domain/booking';
import { newKey } from '../api/client';
import { openStorefront, type Storefront } from '../support/api';
import { STARTING_MS, untilSeen } from '../support/shop';
import { expectExactMoney, expectExactSeats, untilSettled } from './exactness';
import { networksOf, sliceOf, type Network } from './network';
import { persist } from './shopper';
import { auditWhenSettled } from './settled-audit';
import { travellerOf, type Travel, type Traveller } from './traveller';

/**
 * Two things that happen to one booking at once: the second is sent a little later in each round,
 * so that it comes before, between and after the steps of the first. A booking is of two flights
 * there, and one back.
 */
const ROUNDS = Number(process.env.RACES ?? '10');
const LATER_MS = 30;

let store: Storefront;
let networkOf: (departsInDays: number) => Promise<Network>;

beforeAll(async () => {
  store = await openStorefront();
  networkOf = networksOf(store.db);
}, STARTING_MS);

afterAll(() => store.close(), STARTING_MS);

interface Round {
  network: Network;
  traveller: Traveller;
  travel: Travel;
}

async function newRound(): Promise<Round> {
  const network = await networkOf(30);
  const confirm = () => Promise.reject(new Error('Bug: a bank has asked'));
  const traveller = travellerOf({ confirm }, await store.customer());
  const slices = [[0, 1], [3]].map((legs) => sliceOf(network, legs, () => 0));
  const travel = await traveller.book(slices, 1);
  if (travel === undefined) throw new Error('The booking of the test was refused');
  expect((await traveller.pay(travel, 'pm_card_visa')).status).toBe(201);
  return { network, traveller, travel };
}

/** Exchanges the flights there for others, the first of them or both. */
function change({ network, traveller, travel }: Round, first = 1, second = 0) {
  const slice = sliceOf(network, [0, 1], (leg) => (leg === 0 ? first : second));
  return traveller.change(travel, [{ replaces: 0, ...slice }], 'pm_card_visa');
}

async function order(flightId: string, order: object): Promise<ScheduleChange> {
  const operator = await store.operator();
  const path = `/api/v1/flights/${flightId}/schedule-changes`;
  const key = { 'x-idempotency-key': newKey() };
  const ordered = await persist(
    () => operator.post<ScheduleChange>(path, { ...order, reason: 'Fog.' }, key),
    ({ status }) => status !== 503,
  );
  expect(ordered.status).toBe(202);
  return ordered.body;
}

const cancelFlight = ({ network }: Round, leg: number, flight: number) =>
  order(network.legs[leg]?.[flight] ?? '', { kind: 'cancelled' });

/** Runs rounds at once, and holds each against the books. Returns how each came out. */
async function race(
  play: (round: Round, laterMs: number) => Promise<string>,
): Promise<Record<string, number>> {
  const outcomes = await Promise.all(
    Array.from({ length: ROUNDS }, async (_, number) => {
      const round = await newRound();
      const outcome = await play(round, number * LATER_MS);
      const { network, traveller, travel } = round;
      await untilSettled(store.db, [travel.booking.id]);
      const final = await traveller.read(travel);
      await expectExactMoney(store.db, travel, final);
      await expectExactSeats(store.db, network.flightIds, [final]);
      return outcome;
    }),
  );
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  console.log(counts);
  return counts;
}

const codeOf = ({ status, body }: { status: number; body: unknown }) =>
  status < 300 ? 'done' : ((body as { code?: string }).code ?? String(status));

async function progressOf({ id }: ScheduleChange): Promise<ScheduleChange> {
  const operator = await store.operator();
  return (await operator.get<ScheduleChange>(`/api/v1/schedule-changes/${id}`)).body;
}

/** The booking, once its workflow has read all that the airline has done to it. */
async function told({ traveller, travel }: Round): Promise<Booking> {
  await untilSettled(store.db, [travel.booking.id]);
  return traveller.read(travel);
}

test('of two changes at once, one is made, or one after the other', async () => {
  const counts = await race(async (round, laterMs) => {
    const [one, other] = await Promise.all([
      change(round, 1, 0),
      wait(laterMs).then(() => change(round, 0, 1)),
    ]);
    const codes = [codeOf(one), codeOf(other)];
    expect(codes).toContain('done');
    for (const code of codes)
      expect(['done', 'change_in_progress', 'quote_expired']).toContain(code);
    expect(round.travel.changes).toHaveLength(codes.filter((code) => code === 'done').length);
    return codes.join(', ');
  });
  expect(Object.keys(counts).length).toBeGreaterThan(0);
});

test('of a cancellation and a change, the one that comes first decides', async () => {
  await race(async (round, laterMs) => {
    const [changed, cancelled] = await Promise.all([
      change(round),
      wait(laterMs).then(() => round.traveller.cancel(round.travel)),
    ]);
    const { status } = await round.traveller.read(round.travel);
    expect(status).toBe(cancelled.status === 200 ? 'cancelled' : 'booked');
    if (cancelled.status !== 200) expect(codeOf(cancelled)).toBe('change_in_progress');
    if (changed.status !== 201) expect(status).toBe('cancelled');
    return `change ${codeOf(changed)}, cancellation ${codeOf(cancelled)}`;
  });
});

test('a new flight that is cancelled while it is changed to is flown by nobody, or offered', async () => {
  await race(async (round, laterMs) => {
    const [changed, disruption] = await Promise.all([
      change(round),
      wait(laterMs).then(() => cancelFlight(round, 0, 1)),
    ]);
    const isChanged = changed.status === 201;
    const booking = await told(round);
    expect(booking.scheduleChange?.actionTaken ?? null).toBeNull();
    expect(booking.scheduleChange !== null).toBe(isChanged);
    expect(await progressOf(disruption)).toMatchObject(
      isChanged ? { affected: 1, waiting: 1 } : { affected: 0, waiting: 0 },
    );
    return `change ${codeOf(changed)}`;
  });
});

test('a flight that is cancelled while it is given up concerns the booking only if it comes first', async () => {
  await race(async (round, laterMs) => {
    const [changed, disruption] = await Promise.all([
      change(round),
      wait(laterMs).then(() => cancelFlight(round, 0, 0)),
    ]);
    const booking = await told(round);
    const { affected, waiting } = await progressOf(disruption);
    if (changed.status === 201) {
      expect(waiting).toBe(0);
      expect(booking.slices?.[0]?.segments.every(({ status }) => status === 'confirmed')).toBe(
        true,
      );
    } else expect({ affected, waiting }).toEqual({ affected: 1, waiting: 1 });
    return `change ${codeOf(changed)}, affected ${affected}`;
  });
});

test('a flight that stays and is cancelled is offered, whatever becomes of the change', async () => {
  await race(async (round, laterMs) => {
    const [changed, disruption] = await Promise.all([
      change(round),
      wait(laterMs).then(() => cancelFlight(round, 3, 0)),
    ]);
    const booking = await told(round);
    expect(await progressOf(disruption)).toMatchObject({ affected: 1, waiting: 1, failed: 0 });
    expect(booking.scheduleChange).toMatchObject({ id: disruption.id, actionTaken: null });
    return `change ${codeOf(changed)}`;
  });
});

test('who accepts new times as the flight is cancelled has accepted only what they were offered', async () => {
  await race(async (round, laterMs) => {
    const [slice] = round.travel.booking.slices ?? [];
    const [flight] = slice?.segments ?? [];
    const later = (instant = '') => new Date(Date.parse(instant) - 4 * 60 * 60_000).toISOString();
    const times = { departureAt: later(flight?.departureAt), arrivalAt: later(flight?.arrivalAt) };
    const { id } = await order(flight?.id ?? '', { kind: 'moved', ...times });
    await untilSeen(async () => {
      const { scheduleChange } = await round.traveller.read(round.travel);
      return scheduleChange?.id === id ? scheduleChange : undefined;
    });
    const [accepted, second] = await Promise.all([
      round.traveller.accept(round.travel),
      wait(laterMs).then(() => cancelFlight(round, 0, 0)),
    ]);
    const { scheduleChange } = await told(round);
    const isAccepted = accepted.status === 200;
    if (!isAccepted) expect(codeOf(accepted)).toBe('schedule_change_closed');
    expect(scheduleChange).toMatchObject({ id: second.id, actionTaken: null });
    expect(scheduleChange?.before[0]?.departureAt).toBe(
      isAccepted ? times.departureAt : flight?.departureAt,
    );
    return `accept ${codeOf(accepted)}`;
  });
});

test('after all of it the books agree, with one another and with the workflows', async () => {
  expect(await auditWhenSettled(store.db, store.env.client, 5_000)).toEqual([]);
});
