import { createServer } from 'node:http';
import {
  createClient,
  newIntent,
  type Intent,
  UnexpectedAnswer,
  type ClientOptions,
} from '../../clients/typescript/src/client';
import { mayBeUndecided, repeatOf } from '../../clients/typescript/src/repeats';
import { openApiDocument } from '../../src/api/openapi/document';
import { problemDocument, type ProblemCode } from '../../src/api/problem';
import { waitUntil } from '../../src/cli/wait';
import { listen } from '../support/api';
import { openScriptedServer, type Scripted } from './scripted-server';
import { PATIENCE_MS } from '../support/patience';

/** What the client sends again, when, and when it stops: told by a server that follows a script. */

const ID = '9c5b94b1-35ad-49bb-b118-8e8fc24abf80';
const MONEY = { amount: 12_345, currency: 'USD' as const };
const HELD = { id: ID, status: 'pending' };
const FLIGHT = { flightId: ID, passengers: [{ familyName: 'Lovelace' }] };

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A client of a server that follows a script, and what the server has seen. */
async function clientOf(script: Scripted[], options: Partial<ClientOptions> = {}) {
  const { url, seen, close } = await openScriptedServer(...script);
  closing.push(close);
  return { api: createClient({ baseUrl: url, token: 'a-token', ...options }), seen };
}

function refusal(code: ProblemCode, headers: Record<string, string> = {}): Scripted {
  const body = problemDocument(code, 'No.', { instance: '/', requestId: 'r' });
  return { status: body.status, body, headers };
}

const book = ({ api }: Awaited<ReturnType<typeof clientOf>>, intent = newIntent()) =>
  api.POST('/api/v1/bookings', { intent, body: FLIGHT });

const keysOf = ({ seen }: { seen: { headers: NodeJS.Dict<unknown> }[] }) =>
  seen.map(({ headers }) => headers['x-idempotency-key']);

describe('an intent', () => {
  test('has one key, which every retry of it carries with the same body', async () => {
    const shop = await clientOf([
      refusal('service_unavailable'),
      refusal('internal'),
      { status: 201, body: HELD },
    ]);
    const intent = newIntent();
    expect(await book(shop, intent)).toMatchObject({ status: 201, data: HELD });
    expect(keysOf(shop)).toEqual([intent.key, intent.key, intent.key]);
    expect(new Set(shop.seen.map(({ body }) => body))).toEqual(new Set([JSON.stringify(FLIGHT)]));
  });

  test('is plain JSON: kept and read again, it is the same one', async () => {
    const shop = await clientOf([{ status: 201, body: HELD }]);
    const intent = newIntent();
    await book(shop, intent);
    await book(shop, JSON.parse(JSON.stringify(intent)) as Intent);
    expect(keysOf(shop)).toEqual([intent.key, intent.key]);
    expect(newIntent()).not.toEqual(intent);
  });

  test('is made for a call that has none, once for all of its retries', async () => {
    const shop = await clientOf([refusal('internal'), { status: 201, body: HELD }]);
    await shop.api.POST('/api/v1/bookings', { body: FLIGHT });
    await shop.api.POST('/api/v1/bookings', { body: FLIGHT });
    const [first, again, other] = keysOf(shop);
    expect(first).toMatch(/^[\x21-\x7e]{1,255}$/);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test('is not sent where the API knows no key', async () => {
    const shop = await clientOf([{ status: 200, body: HELD }]);
    await shop.api.POST('/api/v1/bookings/{id}/cancel', { params: { path: { id: ID } } });
    expect(keysOf(shop)).toEqual([undefined]);
  });
});

describe('a problem', () => {
  test.each(['seats_unavailable', 'idempotency_key_reused', 'validation_failed'] as const)(
    '%s is returned at once: the same request can’t succeed',
    async (code) => {
      const shop = await clientOf([refusal(code), { status: 201, body: HELD }]);
      expect(await book(shop)).toMatchObject({ error: { code } });
      expect(shop.seen).toHaveLength(1);
    },
  );

  test.each(['service_unavailable', 'internal', 'rate_limited', 'too_many_holds'] as const)(
    '%s is tried again with the same key',
    async (code) => {
      const shop = await clientOf([refusal(code), { status: 201, body: HELD }]);
      expect(await book(shop)).toMatchObject({ status: 201 });
    },
  );

  test('is believed: its own `retry` counts, not what its code usually says', async () => {
    const { body } = refusal('service_unavailable');
    const shop = await clientOf([
      { status: 503, body: { ...(body as object), retry: 'new_key' } },
      { status: 201, body: HELD },
    ]);
    expect(await book(shop)).toMatchObject({ status: 503, error: { retry: 'new_key' } });
  });

  test('with `Retry-After` is not tried again before', async () => {
    const shop = await clientOf([
      refusal('rate_limited', { 'retry-after': '1' }),
      { status: 201, body: HELD },
    ]);
    await book(shop);
    const [first, second] = shop.seen;
    expect(second!.at - first!.at).toBeGreaterThanOrEqual(1_000);
  });

  test('whose `Retry-After` is beyond the bound is returned at once, not waited for', async () => {
    const shop = await clientOf([
      refusal('too_many_holds', { 'retry-after': '31' }),
      { status: 201, body: HELD },
    ]);
    const startedAt = Date.now();
    expect(await book(shop)).toMatchObject({ error: { code: 'too_many_holds' } });
    expect(Date.now() - startedAt).toBeLessThan(1_000);
  });
});

describe('retries end', () => {
  test('by time, with the last answer', async () => {
    const shop = await clientOf([refusal('internal')], { retryForMs: 1_000 });
    const startedAt = Date.now();
    expect(await book(shop)).toMatchObject({ status: 500, error: { code: 'internal' } });
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    expect(shop.seen.length).toBeGreaterThan(1);
  });

  test('never begin where they may take no time', async () => {
    const shop = await clientOf([refusal('internal')], { retryForMs: 0 });
    expect(await book(shop)).toMatchObject({ status: 500 });
    expect(shop.seen).toHaveLength(1);
  });

  test.each([
    ['a pause', refusal('rate_limited', { 'retry-after': '20' })],
    ['an attempt', { status: 201, fault: 'none' } as const],
  ])('by the signal, during %s', async (_, answer) => {
    const shop = await clientOf([answer]);
    const ended = new AbortController();
    const asked = shop.api.POST('/api/v1/bookings', { body: FLIGHT, signal: ended.signal });
    const why = new Error('The customer has left');
    await waitUntil(() => shop.seen.length > 0, {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => new Error('The server was never asked'),
    });
    // An answer has been read by then.
    setTimeout(() => ended.abort(why), 200);
    const startedAt = Date.now();
    await expect(asked).rejects.toBe(why);
    expect(Date.now() - startedAt).toBeLessThan(2_000);
    expect(shop.seen).toHaveLength(1);
  });

  test('before they begin, when the signal is over already', async () => {
    const shop = await clientOf([{ status: 201, body: HELD }]);
    const signal = AbortSignal.abort(new Error('Too late'));
    await expect(shop.api.POST('/api/v1/bookings', { body: FLIGHT, signal })).rejects.toThrow();
    expect(shop.seen).toEqual([]);
  });

  test('after a pause that grows, and is never the same', async () => {
    const shop = await clientOf([refusal('internal')], { retryForMs: 3_500 });
    await book(shop);
    const pauses = shop.seen.slice(1).map(({ at }, index) => at - shop.seen[index]!.at);
    // 125 to 250 ms, 250 to 500, 500 to 1000, 1000 to 2000, and what the machine takes.
    expect(pauses.length).toBeGreaterThanOrEqual(2);
    for (const [index, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(125 * 2 ** index - 5);
      expect(pause).toBeLessThan(250 * 2 ** index + 1_000);
    }
  });
});

describe('what is lost on the way', () => {
  test('is asked for again: an answer that breaks off', async () => {
    const shop = await clientOf([
      { status: 201, body: HELD, fault: 'cut' },
      { status: 201, body: HELD },
    ]);
    expect(await book(shop)).toMatchObject({ status: 201, data: HELD });
    expect(new Set(keysOf(shop)).size).toBe(1);
  });

  test('is asked for again: an answer that never comes', async () => {
    const script: Scripted[] = [
      { status: 201, fault: 'none' },
      { status: 201, body: HELD },
    ];
    const shop = await clientOf(script, { timeoutMs: 300 });
    expect(await book(shop)).toMatchObject({ status: 201, data: HELD });
  });

  test('is given up in the end, and says why', async () => {
    const silent = await clientOf([{ status: 201, fault: 'none' }], {
      timeoutMs: 100,
      retryForMs: 300,
    });
    await expect(book(silent)).rejects.toMatchObject({ name: 'TimeoutError' });
    const nobody = createServer();
    const baseUrl = await listen(nobody);
    await new Promise((resolve) => nobody.close(resolve));
    const api = createClient({ baseUrl, retryForMs: 300 });
    await expect(api.GET('/api/v1/info')).rejects.toMatchObject({ name: 'TypeError' });
  });

  test('is asked for again when a proxy could not reach the API, and is told as what it is', async () => {
    const gateway = { status: 502, body: '<h1>Bad gateway</h1>' };
    const shop = await clientOf([gateway, { status: 201, body: HELD }]);
    expect(await book(shop)).toMatchObject({ status: 201 });
    const gone = await clientOf([gateway], { retryForMs: 300 });
    await expect(book(gone)).rejects.toBeInstanceOf(UnexpectedAnswer);
  });

  test.each([
    [200, '<h1>Please log in</h1>'],
    [404, 'no such page'],
    [403, ''],
  ])('is not the answer of another server: %s %s', async (status, body) => {
    const shop = await clientOf([{ status, body }]);
    await expect(book(shop)).rejects.toMatchObject({
      name: 'UnexpectedAnswer',
      status,
      text: body,
    });
    expect(shop.seen).toHaveLength(1);
  });
});

describe('a 202', () => {
  test('is not the end of a booking: the same request gets the outcome', async () => {
    const shop = await clientOf([
      { status: 202, body: { ...HELD, status: 'initiated' } },
      { status: 201, body: HELD },
    ]);
    expect(await book(shop)).toMatchObject({ status: 201, data: HELD });
    expect(new Set(keysOf(shop)).size).toBe(1);
  });

  test('is what is known when the time is over', async () => {
    const undecided = { status: 202, body: { ...HELD, status: 'initiated' } };
    const shop = await clientOf([undecided], { retryForMs: 300 });
    expect(await book(shop)).toMatchObject({ status: 202, data: undecided.body });
  });

  const nextAction = { type: 'redirect', url: 'https://bank.example' };

  test.each([
    ['/api/v1/bookings/payments', { id: ID, status: 'processing', nextAction }],
    ['/api/v1/bookings/{id}/changes', { id: ID, payment: { id: ID, nextAction } }],
  ] as const)('of %s that waits for the customer is returned at once', async (path, body) => {
    const shop = await clientOf([{ status: 202, body }]);
    const answer =
      path === '/api/v1/bookings/payments'
        ? await shop.api.POST(path, {
            body: { bookingId: ID, ...MONEY, paymentMethod: 'pm_card' },
          })
        : await shop.api.POST(path, { params: { path: { id: ID } }, body: { quoteId: ID } });
    expect(answer).toMatchObject({ status: 202, data: body });
    expect(shop.seen).toHaveLength(1);
  });

  test('of what takes its time is the answer', async () => {
    const shop = await clientOf([{ status: 202, body: { id: ID } }]);
    const answer = await shop.api.POST('/api/v1/flights/{id}/schedule-changes', {
      params: { path: { id: ID } },
      body: { kind: 'cancelled', reason: 'Fog' },
    });
    expect(answer.status).toBe(202);
    expect(shop.seen).toHaveLength(1);
  });
});

describe('a token', () => {
  test('is asked for before each attempt, and once again after a 401', async () => {
    const tokens = ['old', 'new'];
    const shop = await clientOf([refusal('unauthenticated'), { status: 201, body: HELD }], {
      token: () => Promise.resolve(tokens.shift()),
    });
    expect(await book(shop)).toMatchObject({ status: 201 });
    expect(shop.seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer old',
      'Bearer new',
    ]);
  });

  test.each([
    ['that is a text is not sent twice', 'a-token', 1],
    ['that is refused again is refused', () => 'a-token', 2],
  ])('%s', async (_, token, count) => {
    const shop = await clientOf([refusal('unauthenticated')], { token });
    expect(await book(shop)).toMatchObject({ status: 401, error: { code: 'unauthenticated' } });
    expect(shop.seen).toHaveLength(count);
  });

  test('is not needed', async () => {
    const { url, seen, close } = await openScriptedServer({ status: 200, body: { status: 'ok' } });
    closing.push(close);
    await createClient({ baseUrl: url }).GET('/api/v1/info');
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});

test('what could take effect twice is sent once', async () => {
  const shop = await clientOf([refusal('service_unavailable'), { status: 200, body: {} }]);
  const answer = await shop.api.POST('/api/v1/webhook-endpoints/{id}/rotate-secret', {
    params: { path: { id: ID } },
  });
  expect(answer).toMatchObject({ status: 503 });
  expect(shop.seen).toHaveLength(1);
});

describe('what the client knows of the operations is what openapi.json says', () => {
  const { paths } = JSON.parse(JSON.stringify(openApiDocument())) as {
    paths: Record<
      string,
      Record<string, { parameters?: { name: string }[]; responses: Record<string, unknown> }>
    >;
  };
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      parameters: operation.parameters ?? [],
      responses: operation.responses,
    })),
  );

  test.each(operations)('$method $path', ({ method, path, parameters, responses }) => {
    const takesKey = parameters.some(({ name }) => name === 'x-idempotency-key');
    expect(repeatOf(method, path) === 'by_key').toBe(takesKey);
    expect(mayBeUndecided(method, path)).toBe(takesKey && '201' in responses && '202' in responses);
  });
});
