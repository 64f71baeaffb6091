import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Times } from '../../bench/drive/times';
import { verdictOf } from '../../bench/report/bars';
import { findingsOf } from '../../bench/workloads/overload/findings';
import { Flood } from '../../bench/workloads/overload/flood';
import { watchFlood } from '../../bench/workloads/overload/watch-flood';
import { watchLiveness } from '../../bench/workloads/overload/liveness';

interface Response {
  status: number;
  body?: object;
  retryAfter?: string;
}

let server: Server;
let respond: (path: string) => Response;

beforeAll(async () => {
  server = createServer((req, res) => {
    const { status, body = {}, retryAfter } = respond(req.url ?? '');
    res.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter });
    res.end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

function newFlood(): Flood {
  const tokens = { secret: 'a secret of at least 32 characters', issuer: 'test', audience: 'test' };
  return new Flood({ apiUrls: [url()], tokens, flights: [randomUUID()] }, [
    { origin: 'EWR', destination: 'ORD', date: '2026-12-01' },
  ]);
}

async function flood(): Promise<Flood> {
  const one = newFlood();
  await one.send(40, 0.5);
  await one.settle();
  return one;
}

const sold = (path: string): Response =>
  path === '/api/v1/bookings'
    ? { status: 201, body: { id: randomUUID(), price: { amount: 1, currency: 'USD' } } }
    : { status: path.startsWith('/api/v1/flights') ? 200 : 201 };

const seen = (one: Flood) => ({
  flood: one,
  peak: 10,
  seconds: 0.5,
  usualMs: 20,
  unknownHolds: 0,
  faults: [],
  recoveredSeconds: 1,
  liveness: { times: new Times(), failed: 0 },
  course: [],
});

const verdicts = (one: Flood) =>
  Object.fromEntries(findingsOf(seen(one)).bars.map((bar) => [bar.what, verdictOf(bar)]));

test('a create that is refused without a booking is looked up later; one that names it is not', async () => {
  let creates = 0;
  respond = (path) => {
    if (path !== '/api/v1/bookings') return sold(path);
    creates += 1;
    const body = creates % 2 === 0 ? { bookingId: randomUUID() } : {};
    return { status: 503, retryAfter: '1', body };
  };
  const one = await flood();
  expect(one.refusedKeys.length + one.refusedWithBooking).toBe(creates);
  expect(one.refusedKeys).toHaveLength(Math.ceil(creates / 2));
  expect(new Set(one.refusedKeys).size).toBe(one.refusedKeys.length);
  expect(one.begun.pay).toBe(0);
});

test('what is reserved is paid for, and searches come twice as often', async () => {
  respond = sold;
  const one = await flood();
  expect(one.sold).toBe(one.begun.create);
  expect(one.begun.search).toBeGreaterThan(one.begun.create);
  expect(verdicts(one)).toMatchObject({
    'requests neither served nor refused': 'met',
    'median of a refusal, ms': 'not measured',
  });
});

test('what is served after the flood has ended does not count as served', async () => {
  respond = sold;
  const one = await flood();
  one.servedInTime = { create: 9, pay: 5, search: 9 };
  expect(verdicts(one)).toMatchObject({ 'bookings/s at 4 × the peak ÷ the peak': 'met' });
  one.servedInTime = { create: 9, pay: 4, search: 9 };
  expect(verdicts(one)).toMatchObject({ 'bookings/s at 4 × the peak ÷ the peak': 'not met' });
});

test('a server error is neither served nor refused', async () => {
  respond = (path) => (path.includes('payments') ? { status: 500 } : sold(path));
  const one = await flood();
  expect(one.sold).toBe(0);
  expect(verdicts(one)).toMatchObject({
    'bookings/s at 4 × the peak ÷ the peak': 'not met',
    'requests neither served nor refused': 'not met',
  });
});

test('a process that does not say 200 is not alive', async () => {
  respond = () => ({ status: 500 });
  const stop = watchLiveness(url());
  await once(server, 'request');
  expect((await stop()).failed).toBeGreaterThan(0);
});

test('whoever is told that their booking is being made waits for it, and pays', async () => {
  let looks = 0;
  respond = (path) => {
    if (path === '/api/v1/bookings') {
      const body = { id: 'one', status: 'initiated', price: { amount: 1, currency: 'USD' } };
      return { status: 202, body };
    }
    if (path !== '/api/v1/bookings/one') return sold(path);
    looks += 1;
    const status = looks === 1 ? 'initiated' : 'pending';
    return { status: 200, body: { id: 'one', status, price: { amount: 1, currency: 'USD' } } };
  };
  const one = await flood();
  expect(looks).toBeGreaterThan(1);
  expect(one.replies.create.othersInAll).toBe(0);
  expect(one.sold).toBe(one.begun.create);
});

test('its course has what was served and refused in each second', async () => {
  let creates = 0;
  respond = (path) => {
    if (path !== '/api/v1/bookings') return sold(path);
    creates += 1;
    return creates % 2 === 0 ? sold(path) : { status: 503, retryAfter: '1', body: {} };
  };
  const one = newFlood();
  const end = watchFlood(one);
  await one.send(40, 2.5);
  await one.settle();
  const course = end();
  const counted = (wanted: string, how: string) =>
    course
      .filter(({ name, group }) => name === wanted && group.startsWith(how))
      .flatMap(({ points }) =>
        points.map(
          ({ seconds, value }, index) => value * (seconds - (points[index - 1]?.seconds ?? 0)),
        ),
      );
  const inAll = (wanted: string, how: string) =>
    Math.round(counted(wanted, how).reduce((sum, count) => sum + count, 0));
  expect(counted('create', 'served').length).toBeGreaterThan(1);
  const [served, refused] = [inAll('create', 'served'), inAll('create', 'refused')];
  expect(served).toBeGreaterThan(10);
  expect(Math.abs(served - refused)).toBeLessThan(5);
  expect(served).toBeLessThanOrEqual(one.replies.create.served.latency.count);
  expect(inAll('pay', 'refused')).toBe(0);
});
