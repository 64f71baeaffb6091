import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import winston from 'winston';
import { admit, createLimits, type Limits } from '../../src/api/admission/admission';
import type { WorkKind } from '../../src/api/admission/kinds';
import { LEAST_LIMIT } from '../../src/api/admission/next-limit';
import { allowOrigins } from '../../src/api/cors';
import { problemDocument } from '../../src/api/problem';
import { createApiServer } from '../../src/api/server';
import { waitUntil } from '../../src/cli/wait';
import { listen, tokenOf } from '../support/api';
import { clientOf, expectRefused, newKey, type Client } from './client';
import type { Answer } from './contract';
import { PATIENCE_MS } from '../support/patience';

/**
 * What is refused, and how, seen with an app that responds when it is told to: a request is in
 * flight for as long as a test needs.
 */

const BOOKINGS = '/api/v1/bookings';
const ORIGIN = 'https://shop.example';
const ID = '9c5b94b1-35ad-49bb-b118-8e8fc24abf80';

let limits: Limits;
let server: Server;
let url: string;
let ada: Client;
let refused: WorkKind[];
/** Requests that the app has got and not answered. */
let held: { req: IncomingMessage; res: ServerResponse; body: string }[];

beforeEach(async () => {
  limits = createLimits();
  refused = [];
  held = [];
  const app = (req: IncomingMessage, res: ServerResponse) => {
    res.setHeader('X-Request-Id', 'held');
    const request = { req, res, body: '' };
    held.push(request);
    req.setEncoding('utf8').on('data', (chunk: string) => (request.body += chunk));
  };
  const options = {
    limits,
    onRefused: (kind: WorkKind) => refused.push(kind),
    crossOrigin: allowOrigins([ORIGIN]),
  };
  const logger = winston.createLogger({ silent: true });
  server = createApiServer(admit(app, options), { keepAliveSeconds: 65 }, logger);
  url = await listen(server);
  ada = clientOf(url, await tokenOf({ sub: 'customer-ada' }));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const inFlight = (kind: WorkKind) => limits[kind].state.inFlight;

async function until(condition: () => boolean): Promise<void> {
  await waitUntil(condition, {
    timeoutMs: PATIENCE_MS,
    intervalMs: 10,
    onTimeout: () => new Error(`It never came to that: ${String(condition)}`),
  });
}

const search = () => ada.get('/api/v1/airports?q=new');
const create = (key?: string, client = ada) => client.create({ id: ID }, {}, key);
const pay = (key = newKey()) =>
  ada.post(`${BOOKINGS}/payments`, { bookingId: ID }, { 'idempotency-key': key });

/** Sends as many requests as are admitted, and waits until all are in flight. */
async function fill(kind: WorkKind, send: () => Promise<Answer>): Promise<void> {
  for (let count = 0; count < LEAST_LIMIT; count += 1) send().catch(() => undefined);
  await until(() => inFlight(kind) === LEAST_LIMIT);
}

/** Ends all that is held: with the answer that every operation has in common. */
function answerAll(): void {
  for (const { req, res } of held.splice(0)) {
    const own = { instance: req.url ?? '', requestId: 'held' };
    res.writeHead(500, { 'content-type': 'application/problem+json' });
    res.end(JSON.stringify(problemDocument('internal', 'It was held, and let go.', own)));
  }
}

function expectRetryAfter({ headers }: Answer): void {
  const seconds = Number(headers.get('retry-after'));
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(seconds).toBeLessThanOrEqual(10);
}

test('64 of each kind are admitted, the next is refused, and no kind is in the way of another', async () => {
  const kinds: [WorkKind, () => Promise<Answer>][] = [
    ['create', create],
    ['pay', pay],
    ['write', () => ada.cancel({ id: ID })],
    ['read', () => ada.list()],
    ['search', search],
    ['event', () => ada.post('/api/v1/payment-events', {})],
    ['other', () => ada.get('/docs')],
  ];
  for (const [kind, send] of kinds) {
    await fill(kind, send);
    expect(refused).toEqual([]);
  }
  expect(held).toHaveLength(kinds.length * LEAST_LIMIT);
  for (const [kind, send] of kinds) {
    const answer = await send();
    expectRetryAfter(answer);
    expect(expectRefused(answer, 'service_unavailable').retry).toBe('same_key');
    expect(refused.splice(0)).toEqual([kind]);
  }
  expect(held).toHaveLength(kinds.length * LEAST_LIMIT);
});

test('health is never refused', async () => {
  await fill('other', () => ada.get('/docs'));
  const answer = ada.get('/livez');
  await until(() => held.some(({ req }) => req.url === '/livez'));
  answerAll();
  expectRefused(await answer, 'internal');
});

test('who has ended makes room for the next', async () => {
  await fill('search', search);
  answerAll();
  await until(() => inFlight('search') === 0);
  await fill('search', search);
  expect(refused).toEqual([]);
});

describe('requests with one key', () => {
  test('count once, and are admitted when all else is refused', async () => {
    const key = newKey();
    void create(key).catch(() => undefined);
    await until(() => inFlight('create') === 1);
    for (let count = 1; count < LEAST_LIMIT; count += 1) void create().catch(() => undefined);
    await until(() => inFlight('create') === LEAST_LIMIT);
    const again = Array.from({ length: 100 }, () => create(key));
    await until(() => held.length === LEAST_LIMIT + 100);
    expect(inFlight('create')).toBe(LEAST_LIMIT);
    expect(refused).toEqual([]);
    answerAll();
    for (const answer of await Promise.all(again)) expectRefused(answer, 'internal');
    await until(() => inFlight('create') === 0);
  });

  test('count once whatever token their caller sends', async () => {
    const key = newKey();
    const other = clientOf(url, await tokenOf({ sub: 'customer-ada', scope: 'bookings operator' }));
    for (const client of [ada, other]) void create(key, client).catch(() => undefined);
    await until(() => held.length === 2);
    expect(inFlight('create')).toBe(1);
  });

  test('of two callers, or on two routes, are two', async () => {
    const key = newKey();
    const bea = clientOf(url, await tokenOf({ sub: 'customer-bea' }));
    void create(key).catch(() => undefined);
    void create(key, bea).catch(() => undefined);
    void pay(key).catch(() => undefined);
    await until(() => held.length === 3);
    expect(inFlight('create')).toBe(2);
    expect(inFlight('pay')).toBe(1);
  });
});

describe('a refusal', () => {
  test('of a create without a key says that it was not begun, and names no booking', async () => {
    await fill('create', () => create());
    const problem = expectRefused(await create(), 'service_unavailable');
    expect(problem).not.toHaveProperty('bookingId');
    expect(problem.detail).toMatch(/this one was not begun/);
  });

  test('names the booking that an earlier request may have made, paid for or changed', async () => {
    await fill('create', () => create());
    await fill('pay', () => pay());
    await fill('write', () => ada.cancel({ id: ID }));
    const key = newKey();
    const [first, again] = [await create(key), await create(key)];
    const { bookingId, detail } = expectRefused(first, 'service_unavailable');
    expect(bookingId).toMatch(/^[0-9a-f-]{36}$/);
    expect(expectRefused(again, 'service_unavailable').bookingId).toBe(bookingId);
    expect(detail).toMatch(/^It is not known yet whether an earlier request/);
    const payment = expectRefused(await pay(), 'service_unavailable');
    expect(payment.bookingId).toBe(ID);
    expect(payment.detail).toMatch(/^It is not known yet whether an earlier request/);
    const cancellation = await ada.cancel({ id: ID });
    expect(expectRefused(cancellation, 'service_unavailable').bookingId).toBe(ID);
  });

  test('of a change says that an earlier request with its key may have been carried out', async () => {
    await fill('write', () => ada.cancel({ id: ID }));
    const change = await ada.post(
      `/api/v1/bookings/${ID}/changes`,
      { quoteId: ID, paymentMethod: 'pm_card_visa' },
      { 'x-idempotency-key': newKey() },
    );
    const { detail, bookingId } = expectRefused(change, 'service_unavailable');
    expect(bookingId).toBe(ID);
    expect(detail).toMatch(/^It is not known yet whether an earlier request with this key changed/);
    expect(detail).toMatch(/the same request with the same key to learn. This one was not begun/);
  });

  test('can be read by pages that may call us', async () => {
    await fill('search', search);
    const { headers } = await ada.get('/api/v1/flights', { origin: ORIGIN });
    expect(headers.get('access-control-allow-origin')).toBe(ORIGIN);
    expect(headers.get('access-control-expose-headers')).toContain('Retry-After');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('of a large body does not read it', async () => {
    await fill('create', () => create());
    const answer = await ada.send('POST', BOOKINGS, { body: 'x'.repeat(200_000) });
    expectRefused(answer, 'service_unavailable');
    expect(answer.headers.get('connection')).toBe('close');
  });
});

describe('a client', () => {
  const head = (length: number) =>
    `POST ${BOOKINGS} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

  function open(text: string): Socket {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write(text);
    return socket;
  }

  async function answerTo(socket: Socket): Promise<string> {
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    await once(socket, 'close');
    return text;
  }

  test('that gives up does not make room: its work goes on', async () => {
    const socket = open(`${head(2)}{}`);
    await until(() => held.length === 1);
    const { res } = held[0]!;
    const closed = once(res, 'close');
    socket.destroy();
    await closed;
    expect(inFlight('create')).toBe(1);
    res.end();
    expect(inFlight('create')).toBe(0);
  });

  test('whose body stalls keeps no one out, and is let go after ten seconds', async () => {
    const stalled = Array.from({ length: LEAST_LIMIT }, () => open(`${head(100)}{`));
    const answers = Promise.all(stalled.map(answerTo));
    await until(() => held.length === LEAST_LIMIT);
    await until(() => inFlight('create') === 0);
    // They have as many slots of their own, and no more.
    const oneTooMany = await answerTo(open(`${head(100)}{`));
    expect(oneTooMany).toMatch(/^HTTP\/1\.1 503 .*"code":"service_unavailable"/s);
    void create().catch(() => undefined);
    await until(() => inFlight('create') === 1);
    for (const text of await answers) {
      expect(text).toMatch(/^HTTP\/1\.1 408 .*"code":"request_timeout"/s);
      expect(text).toMatch(/^Connection: close\r$/im);
    }
  });

  test('whose body comes late is served, and counts again', async () => {
    const socket = open(`${head(2)}{`);
    const answer = answerTo(socket);
    await until(() => held.length === 1);
    await until(() => inFlight('create') === 0);
    socket.write('}');
    await until(() => inFlight('create') === 1);
    expect(held[0]!.body).toBe('{}');
    held[0]!.res.writeHead(204, { connection: 'close' }).end();
    expect(await answer).toMatch(/^HTTP\/1\.1 204 /);
    expect(inFlight('create')).toBe(0);
  });
});
