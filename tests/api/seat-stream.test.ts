import { randomUUID } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import { waitUntil } from '../../src/cli/wait';
import type { MappedSeat } from '../../src/db/seats/seat-map-view';
import { openApi, tokenOf, type ApiUnderTest } from '../support/api';
import { openFaultyWayInto } from '../support/faulty-database';
import { putFlightOnSale } from '../support/flights';
import { expectFits } from './contract';
import { PATIENCE_MS } from '../support/patience';

/** Anyone may watch the seats of a flight as they are held, sold and given back. */

let backend: ApiUnderTest;
beforeAll(async () => {
  backend = await openApi();
});
afterAll(() => backend.close());

interface Viewing {
  /** What was sent, as it came. */
  text: () => string;
  /** The maps that came, the oldest first. */
  maps: () => { flightId: string; seats: MappedSeat[] }[];
  hasEnded: () => boolean;
  headers: IncomingMessage['headers'];
  status: number | undefined;
  leave: () => void;
}

const viewings: Viewing[] = [];
afterEach(() => {
  for (const viewing of viewings.splice(0)) viewing.leave();
});

/** Opens a stream, as a browser does. */
async function view(
  flightId: string,
  { url = backend.url, method = 'GET', headers = {} }: Partial<Ways> = {},
): Promise<Viewing> {
  const path = `${url}/api/v1/flights/${flightId}/seats/stream`;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(path, { method, headers, agent: false }, resolve).on('error', reject).end();
  });
  let text = '';
  let hasEnded = false;
  response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  response.on('error', () => undefined);
  response.on('close', () => (hasEnded = true));
  const viewing: Viewing = {
    text: () => text,
    maps: () => [...text.matchAll(/^event: seats\ndata: (.*)\n\n/gm)].map(parsed),
    hasEnded: () => hasEnded,
    headers: response.headers,
    status: response.statusCode,
    leave: () => response.destroy(),
  };
  viewings.push(viewing);
  return viewing;
}

interface Ways {
  url: string;
  method: string;
  headers: Record<string, string>;
}

function parsed([, data = '']: RegExpMatchArray) {
  return JSON.parse(data) as { flightId: string; seats: MappedSeat[] };
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  await waitUntil(() => Promise.resolve(isSo()), {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('It never came'),
  });
}

async function setState(flightId: string, seatNumber: string, state: string): Promise<void> {
  // What a booking's statements do to its seats; the rules about bookings are of no concern here.
  await backend.db.transaction(async (trx) => {
    await trx.raw('SET LOCAL session_replication_role = replica');
    const booking_id = state === 'free' ? null : randomUUID();
    await trx('seats')
      .where({ flight_id: flightId, seat_number: seatNumber })
      .update({ state, booking_id });
  });
}

async function openStreams(url = backend.url): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^seat_streams_open (\d+)$/m.exec(text)?.[1]);
}

test('the first event is the whole map, as it is read; later ones have what changed', async () => {
  const { id } = await putFlightOnSale(backend.db, { seats: 4 });
  const viewing = await view(id.toUpperCase());
  expect(viewing.status).toBe(200);
  expect(viewing.headers).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
  await until(() => viewing.maps().length === 1);
  const { body } = await backend.anyone.get(`/api/v1/flights/${id}/seats`);
  expect(viewing.maps()).toEqual([body]);

  for (const state of ['held', 'sold', 'free'] as const) {
    const before = viewing.maps().length;
    await setState(id, '1C', state);
    await until(() => viewing.maps().length > before);
    const last = viewing.maps().at(-1);
    expect(last).toEqual({
      flightId: id,
      seats: [{ seatNumber: '1C', cabin: 'economy', available: state === 'free', state }],
    });
    expectFits(['components', 'schemas', 'SeatMap'], last);
  }
});

test('all viewers of a flight see the same, whenever they came; of another flight nothing', async () => {
  const { id } = await putFlightOnSale(backend.db, { seats: 3 });
  const other = await putFlightOnSale(backend.db, { seats: 3 });
  const first = await view(id);
  const stranger = await view(other.id);
  await until(() => first.maps().length === 1 && stranger.maps().length === 1);
  await setState(id, '1A', 'held');
  await until(() => first.maps().length === 2);
  const late = await view(id);
  await until(() => late.maps().length === 1);
  expect(late.maps()[0]?.seats.map(({ state }) => state)).toEqual(['held', 'free', 'free']);
  await setState(id, '1B', 'sold');
  await until(() => first.maps().length === 3 && late.maps().length === 2);
  expect(late.maps().at(-1)).toEqual(first.maps().at(-1));
  expect(stranger.maps()).toHaveLength(1);
});

test('many who come at once share one look at the flight', async () => {
  const { id } = await putFlightOnSale(backend.db, { seats: 3 });
  const all = await Promise.all(Array.from({ length: 15 }, () => view(id)));
  await until(() => all.every((one) => one.maps().length === 1));
  await setState(id, '1A', 'held');
  await until(() => all.every((one) => one.maps().length === 2));
});

test('a flight that there is not is refused, and takes no place', async () => {
  const api = await backend.startApi();
  for (const id of [randomUUID(), 'tomorrow', '%00']) {
    const { status, headers } = await view(id, api);
    expect(status).toBe(404);
    expect(headers['content-type']).toMatch('application/problem+json');
  }
  await until(async () => (await openStreams(api.url)) === 0);
});

test('HEAD says what GET would send, and does not stay', async () => {
  const { id } = await putFlightOnSale(backend.db, { seats: 3 });
  const viewing = await view(id, { method: 'HEAD' });
  expect(viewing.headers['content-type']).toBe('text/event-stream');
  await until(viewing.hasEnded);
  expect(viewing.text()).toBe('');
});

test('one client has 20 streams at the most, and may open another once one is closed', async () => {
  const api = await backend.startApi();
  const { id } = await putFlightOnSale(backend.db, { seats: 3 });
  const mine = {
    url: api.url,
    headers: { authorization: `Bearer ${await tokenOf({ sub: 'ada' })}` },
  };
  const streams = await Promise.all(Array.from({ length: 20 }, () => view(id, mine)));
  expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200));
  const refused = await view(id, mine);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect((await view(id, { url: api.url })).status).toBe(200);
  streams[0]?.leave();
  await until(async () => (await openStreams(api.url)) === 20);
  expect((await view(id, mine)).status).toBe(200);
});

test('all clients together have 400 at the most', async () => {
  const api = await backend.startApi();
  const { id } = await putFlightOnSale(backend.db, { seats: 3 });
  for (let client = 0; client < 20; client += 1) {
    const headers = {
      authorization: `Bearer ${await tokenOf({ sub: `customer-${String(client)}` })}`,
    };
    await Promise.all(Array.from({ length: 20 }, () => view(id, { url: api.url, headers })));
  }
  expect(await openStreams(api.url)).toBe(400);
  const refused = await view(id, { url: api.url });
  expect(refused.status).toBe(503);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
});

test('streams end at once when the process is told to stop, and new ones do not stay', async () => {
  const stopping = new AbortController();
  const api = await backend.startApi({ stopping: stopping.signal });
  const { id } = await putFlightOnSale(backend.db, { seats: 3 });
  const viewing = await view(id, api);
  await until(() => viewing.maps().length === 1);
  stopping.abort();
  await until(viewing.hasEnded);
  // A browser that is sent here once more asks again two seconds later, and gets another process.
  const late = await view(id, api);
  await until(late.hasEnded);
  expect(late.status).toBe(200);
  expect(late.text()).toMatch(/^retry: 2000\n\n/);
  expect(await openStreams(api.url)).toBe(0);
});

test('a stream counts as answered when it begins: its length is no response time', async () => {
  const { id } = await putFlightOnSale(backend.db, { seats: 3 });
  const api = await backend.startApi();
  await view(id, api);
  await until(() => api.log.some(({ route }) => route === '/api/v1/flights/:id/seats/stream'));
  const metrics = await (await fetch(`${api.url}/metrics`)).text();
  expect(metrics).toMatch(/http_request_duration_seconds_count\{.*seats\/stream.*\} 1/);
});

test('streams go on when the database is away for a moment, and catch up', async () => {
  const { id } = await putFlightOnSale(backend.db, { seats: 3 });
  const way = await openFaultyWayInto(backend);
  const api = await backend.startApi({ db: way.faulty });
  const viewing = await view(id, api);
  await until(() => viewing.maps().length === 1);
  await way.whileFailing('53300', async () => {
    await setState(id, '1A', 'held');
    await until(() =>
      api.log.some(({ message }) => message === 'Seats that are watched cannot be read'),
    );
  });
  await until(() => viewing.maps().length === 2);
  expect(viewing.hasEnded()).toBe(false);
  viewing.leave();
  await way.faulty.destroy();
});

test('a flight that nobody watched for a while is watched again', async () => {
  const api = await backend.startApi();
  const { id } = await putFlightOnSale(backend.db, { seats: 3 });
  const viewing = await view(id, api);
  await until(() => viewing.maps().length === 1);
  viewing.leave();
  await until(async () => (await openStreams(api.url)) === 0);
  const back = await view(id, api);
  await until(() => back.maps().length === 1);
  await setState(id, '1B', 'held');
  await until(() => back.maps().length === 2);
});
