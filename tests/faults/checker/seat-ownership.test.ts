import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { History, Operation } from '../history/read';
import { playIdealRun, response } from './ideal-shop';
import { checkSeatOwnership } from './seat-ownership';
import { tell } from './story';

let pictures: string;

beforeAll(() => {
  pictures = mkdtempSync(path.join(os.tmpdir(), 'seats-'));
});
afterAll(() => rmSync(pictures, { recursive: true }));

const judge = (history: History, timeoutSeconds = 60) =>
  checkSeatOwnership(history, tell(history), { timeoutSeconds, pictures });

interface Held {
  id: string;
  passengers: { seats: { flightId: string; seatNumber: string }[] }[];
}

test('a shop that keeps its promises has an order for each seat', () => {
  for (let seed = 1; seed <= 30; seed += 1) expect(judge(playIdealRun(seed))).toEqual([]);
});

/** Seats of bookings that were acknowledged, each with what acknowledged it. */
function acknowledged({ operations }: History) {
  return operations
    .filter(({ kind, response: answer }) => kind === 'book' && answer?.status === 201)
    .map((operation) => {
      const held = JSON.parse(operation.response?.body ?? '') as Held;
      const seat = held.passengers[0]?.seats[0];
      if (seat === undefined) throw new Error('Bug: it has no seat');
      return { operation, held, seat };
    });
}

/** Adds what somebody did, or saw, at that moment. */
function add(history: History, operation: Partial<Operation> & { at: number }): void {
  const { at, ...given } = operation;
  const moment = { sentAt: at, endedAt: at + 1, error: undefined, key: undefined, attempt: 1 };
  const request = { method: 'GET', path: '/', body: null };
  const added = { id: 'added', client: 1, kind: 'get' as const, request, response: undefined };
  history.operations.push({ ...added, ...moment, ...given });
}

/** A booking that has its seat to the end, and that nobody has changed. */
function lasting(history: History) {
  return acknowledged(history).find(({ held }) => {
    const end = history.final.bookings.find(({ bookingId }) => bookingId === held.id);
    const isChanged = history.operations.some(({ request }) =>
      request.path.includes(`${held.id}/change`),
    );
    return !isChanged && end?.response.body.includes('"booked"') === true;
  });
}

function lastingRun() {
  for (let seed = 1; ; seed += 1) {
    const history = playIdealRun(seed);
    const found = lasting(history);
    if (found !== undefined) return { history, ...found };
  }
}

test('a seat that two were told is theirs at a time', () => {
  const { history, operation, held } = lastingRun();
  const other = { ...held, id: '11111111-1111-4111-8111-111111111111' };
  add(history, {
    kind: 'book',
    key: 'other',
    at: operation.endedAt + 10,
    response: response(201, other),
    request: { method: 'POST', path: '/api/v1/bookings', body: {} },
  });
  const [finding] = judge(history);
  expect(finding?.what).toMatch(/has no order/);
  expect(readdirSync(pictures)).toEqual([expect.stringMatching(/[.]html$/)]);
});

test('a map on which a seat is free while somebody has it', () => {
  const { history, operation, seat } = lastingRun();
  const seats = [{ seatNumber: seat.seatNumber, cabin: 'economy', state: 'free' }];
  add(history, {
    kind: 'seats',
    at: operation.endedAt + 1,
    response: response(200, { flightId: seat.flightId, seats }),
  });
  expect(judge(history)).toHaveLength(1);
});

test('a seat that was refused as taken, before anybody had it', () => {
  const { history, seat } = lastingRun();
  // Nobody has asked for anything so early.
  for (const operation of history.operations) operation.sentAt += 10_000;
  for (const operation of history.operations) operation.endedAt += 10_000;
  const body = { flightId: seat.flightId, passengers: [{ seatNumber: seat.seatNumber }] };
  add(history, {
    kind: 'book',
    at: 1,
    request: { method: 'POST', path: '/api/v1/bookings', body },
    response: response(409, { code: 'seats_unavailable' }),
  });
  expect(judge(history).flatMap(({ operations }) => operations)).toContain('taken added');
});

test('a seat that is somebody else’s although its hold has not ended', () => {
  for (let seed = 1; ; seed += 1) {
    const history = playIdealRun(seed);
    const expired = acknowledged(history).find(({ held }) =>
      history.final.bookings.some(
        ({ bookingId, response: { body } }) =>
          bookingId === held.id && body.includes('"payment_expired"'),
      ),
    );
    if (expired === undefined) continue;
    const { operation, held } = expired;
    // Ten seconds before its deadline.
    const other = { ...held, id: '11111111-1111-4111-8111-111111111111' };
    add(history, {
      kind: 'book',
      at: operation.endedAt + 5_000,
      response: response(201, other),
      request: { method: 'POST', path: '/api/v1/bookings', body: {} },
    });
    expect(judge(history).length).toBeGreaterThan(0);
    return;
  }
});

test('where the search finds no verdict in time, that is a finding', () => {
  const { history, operation, held, seat } = lastingRun();
  const at = operation.endedAt + 1;
  // Each of these may have moved the booking to another seat and back, and nobody was told.
  for (let count = 0; count < 40; count += 1)
    add(history, {
      id: `choice-${count}`,
      kind: 'choose_seats',
      at,
      request: { method: 'POST', path: `/api/v1/bookings/${held.id}/seats`, body: {} },
    });
  // It is read with the seat when all is over, and yet the seat is free then.
  add(history, {
    id: 'read',
    at: history.run.calmAt + 500_000,
    response: response(200, held),
    request: { method: 'GET', path: `/api/v1/bookings/${held.id}`, body: null },
  });
  const seats = [{ seatNumber: seat.seatNumber, cabin: 'economy', state: 'free' }];
  add(history, {
    kind: 'seats',
    at: history.run.calmAt + 1_000_000,
    response: response(200, { flightId: seat.flightId, seats }),
  });
  expect(judge(history, 1).map(({ what }) => what)).toContainEqual(
    expect.stringContaining('no verdict in time'),
  );
});
