import { openApi, tokenOf, type ApiUnderTest } from '../support/api';
import { whileRivalHolds } from '../support/rival';
import { clientOf, expectRefused, type Client } from './client';
import type { Answer } from './contract';

/**
 * Who asks too often is told when to come back, at whichever API they ask, and holds up nobody
 * else.
 */

let backend: ApiUnderTest;
beforeAll(async () => {
  backend = await openApi();
});
afterAll(() => backend.close());
// All tests have one address, and each its own APIs, which begin with what the table holds.
beforeEach(() => backend.db('rate_limits').delete());

const FLIGHT = '/api/v1/flights/1';

async function inTurn(count: number, ask: (turn: number) => Promise<Answer>): Promise<Answer[]> {
  const answers = [];
  for (let turn = 0; turn < count; turn += 1) answers.push(await ask(turn));
  return answers;
}

const statusesOf = (answers: Answer[]) => answers.map(({ status }) => status);

/** So many of each status. */
function tally(answers: Answer[]): Record<number, number> {
  const tally: Record<number, number> = {};
  for (const { status } of answers) tally[status] = (tally[status] ?? 0) + 1;
  return tally;
}

/** Starts several API processes' worth of apps on one database, as behind a balancer. */
async function apisOf(count: number, rateLimitPerMinute: number) {
  return Promise.all(Array.from({ length: count }, () => backend.startApi({ rateLimitPerMinute })));
}

test('who asks too often is told when to come back, and holds up nobody else', async () => {
  const api = await backend.startApi({ rateLimitPerMinute: 3 });
  const [hasty, calm] = [await api.customer(), await api.customer()];
  const answers = await inTurn(4, () => hasty.list());
  expect(statusesOf(answers)).toEqual([200, 200, 200, 429]);
  const { headers } = answers[3] as Answer;
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(50);
  expect(Number(headers.get('retry-after'))).toBeLessThanOrEqual(60);
  expectRefused(await hasty.create({ id: '' }), 'rate_limited');
  expect((await calm.list()).status).toBe(200);
});

test('every answer says what is left of the minute', async () => {
  const api = await backend.startApi({ rateLimitPerMinute: 3 });
  const ada = await api.customer();
  const answers = await inTurn(5, () => ada.list());
  const lefts = answers.map(({ headers }) => {
    expect(headers.get('ratelimit-policy')).toBe('"default";q=3;w=60');
    const [, left, seconds] =
      /^"default";r=(\d+);t=(\d+)$/.exec(headers.get('ratelimit') ?? '') ?? [];
    expect(Number(seconds)).toBeGreaterThan(50);
    expect(Number(seconds)).toBeLessThanOrEqual(60);
    return Number(left);
  });
  expect(lefts).toEqual([2, 1, 0, 0, 0]);
  expect((await ada.create({ id: '' })).headers.get('ratelimit')).toMatch(/^"default";r=0;t=\d+$/);
});

test.each([
  [2, 10],
  [3, 50],
])(
  '%d APIs allow no more than the limit of %d between them, to the request',
  async (count, limit) => {
    const apis = await apisOf(count, limit);
    const token = await tokenOf({ sub: `customer-of-${count}` });
    const clients = apis.map(({ url }) => clientOf(url, token));
    const answers = await inTurn(limit + 5, (turn) => (clients[turn % count] as Client).list());
    expect(tally(answers)).toEqual({ 200: limit, 429: 5 });
  },
);

test('nor when all is asked at once, of all of them', async () => {
  const apis = await apisOf(3, 40);
  const token = await tokenOf({ sub: 'customer-in-a-hurry' });
  const clients = apis.map(({ url }) => clientOf(url, token));
  const answers = await Promise.all(
    Array.from({ length: 150 }, (_, turn) => (clients[turn % 3] as Client).get(FLIGHT)),
  );
  expect(tally(answers)).toEqual({ 404: 40, 429: 110 });
});

test('of a large limit at most what another API has reserved is lost, one part in fifty', async () => {
  const [one, other] = await apisOf(2, 500);
  const token = await tokenOf({ sub: 'customer-of-many' });
  const [here, there] = [clientOf(one!.url, token), clientOf(other!.url, token)];
  await inTurn(30, () => there.get(FLIGHT));
  const answers = await inTurn(490, () => here.get(FLIGHT));
  const allowed = 30 + (tally(answers)[404] ?? 0);
  expect(allowed).toBeLessThanOrEqual(500);
  expect(allowed).toBeGreaterThanOrEqual(490);
});

test('a token counts by whose it is, also where none is needed', async () => {
  const api = await backend.startApi({ rateLimitPerMinute: 2 });
  const [ada, bea] = [await api.customer(), await api.customer()];
  for (const client of [ada, bea])
    expect(statusesOf(await inTurn(3, () => client.get(FLIGHT)))).toEqual([404, 404, 429]);
  expect(statusesOf(await inTurn(3, () => api.anyone.get(FLIGHT)))).toEqual([404, 404, 429]);
  // The limit is one, wherever they ask.
  expectRefused(await ada.list(), 'rate_limited');
});

test('a bad token is no way around the limit of an address, and no reason to refuse a search', async () => {
  const api = await backend.startApi({ rateLimitPerMinute: 2 });
  const badTokens = [
    'Bearer a.b.c',
    `Bearer ${await tokenOf({ sub: 'x', scope: 'none' })}`,
    'Basic eDp5',
  ];
  const answers = await inTurn(3, (turn) =>
    api.anyone.get(FLIGHT, { authorization: badTokens[turn] as string }),
  );
  expect(statusesOf(answers)).toEqual([404, 404, 429]);
});

describe('an address', () => {
  const from = (api: { anyone: Client }) => (address: string) =>
    api.anyone.get(FLIGHT, { 'x-forwarded-for': address });

  test('is not what a client writes into a header', async () => {
    const ask = from(await backend.startApi({ rateLimitPerMinute: 2 }));
    const answers = await inTurn(3, (turn) => ask(`10.0.0.${turn}`));
    expect(statusesOf(answers)).toEqual([404, 404, 429]);
  });

  test('is what a proxy that we trust says', async () => {
    const settings = { rateLimitPerMinute: 2, trustedProxies: ['loopback'] };
    const ask = from(await backend.startApi(settings));
    const answers = await inTurn(6, (turn) => ask(`10.1.0.${turn % 2}`));
    expect(statusesOf(answers)).toEqual([404, 404, 404, 404, 429, 429]);
  });

  test('of IPv6 is one with the others of its network; one of IPv4 is itself, however it is written', async () => {
    const settings = { rateLimitPerMinute: 2, trustedProxies: ['loopback'] };
    const ask = from(await backend.startApi(settings));
    const neighbours = await inTurn(3, (turn) => ask(`2001:db8:1:1::${turn}`));
    expect(statusesOf(neighbours)).toEqual([404, 404, 429]);
    expect((await ask('2001:db8:1:2::1')).status).toBe(404);
    expect((await ask('192.0.2.1')).status).toBe(404);
    expect((await ask('::ffff:192.0.2.1')).status).toBe(404);
    expect((await ask('192.0.2.1')).status).toBe(429);
    expect((await ask('192.0.2.2')).status).toBe(404);
  });
});

test('the table holds neither who asked nor from where', async () => {
  const api = await backend.startApi({ rateLimitPerMinute: 5 });
  await (await api.customer('customer-to-be-forgotten')).list();
  await api.anyone.get(FLIGHT);
  const rows = await backend.db('rate_limits').select();
  expect(rows.length).toBeGreaterThan(1);
  for (const { key } of rows) expect(key).toMatch(/^[\w-]{43}$/);
});

test('while PostgreSQL cannot count, each API counts by itself, and nobody waits for it', async () => {
  const api = await backend.startApi({ rateLimitPerMinute: 4 });
  const ada = await api.customer();
  await backend.db.raw('ALTER TABLE rate_limits RENAME TO rate_limits_elsewhere');
  try {
    const answers = await inTurn(6, () => ada.list());
    expect(statusesOf(answers)).toEqual([200, 200, 200, 200, 429, 429]);
    expect((answers[5] as Answer).headers.get('ratelimit')).toMatch(/^"default";r=0;t=\d+$/);
  } finally {
    await backend.db.raw('ALTER TABLE rate_limits_elsewhere RENAME TO rate_limits');
  }
});

test('while the count is locked away a search is as fast as a client needs it', async () => {
  const api = await backend.startApi({ rateLimitPerMinute: 4 });
  const lock = 'LOCK TABLE rate_limits';
  await whileRivalHolds(
    backend.db,
    (rival) => rival.raw(lock),
    async () => {
      const startedAt = performance.now();
      const answers = await inTurn(5, () => api.anyone.get(FLIGHT));
      expect(statusesOf(answers)).toEqual([404, 404, 404, 404, 429]);
      expect(performance.now() - startedAt).toBeLessThan(4_000);
    },
  );
});

test('who asks too often still hears whether we are well', async () => {
  const api = await backend.startApi({ rateLimitPerMinute: 1 });
  for (const path of ['/livez', '/readyz', '/metrics', '/api/v1/info', '/api/v1/openapi.json']) {
    for (const { status } of await inTurn(3, () => api.anyone.get(path))) expect(status).toBe(200);
  }
});
