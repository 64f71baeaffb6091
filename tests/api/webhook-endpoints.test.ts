import { randomUUID } from 'node:crypto';
import { createSecretCipher } from '../../src/db/webhooks/secret-cipher';
import type { Delivery } from '../../src/domain/webhooks/delivery';
import { WEBHOOK_EVENT_TYPES, type WebhookEndpoint } from '../../src/domain/webhooks/endpoint';
import { openApi, type ApiUnderTest } from '../support/api';
import { TEST_KEYS } from '../support/encryption';
import { expectInvalid, expectRefused, newKey, type Client, type Page } from './client';

/** A shop says where its events are sent to. Temporal is not needed for that. */

let api: ApiUnderTest;
beforeAll(async () => {
  api = await openApi();
});
afterAll(() => api.close());

const ALL = '/api/v1/webhook-endpoints';
const URL_OF_SHOP = 'https://shop.example/hooks';

type Created = WebhookEndpoint & { secret?: string };

async function created(shop: Client, details: object = {}): Promise<Created> {
  const { status, body } = await shop.post<Created>(ALL, { url: URL_OF_SHOP, ...details });
  expect(status).toBe(201);
  return body;
}

const pathOf = ({ id }: { id: string }, rest = '') => `${ALL}/${id}${rest}`;

describe('an endpoint that is created', () => {
  test('gets every event, and its secret is shown', async () => {
    const shop = await api.customer();
    const { status, headers, body } = await shop.post<Created>(ALL, { url: URL_OF_SHOP });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(pathOf(body));
    expect(body).toEqual({
      id: expect.any(String),
      url: URL_OF_SHOP,
      events: WEBHOOK_EVENT_TYPES,
      description: null,
      status: 'enabled',
      disabledBecause: null,
      failingSince: null,
      createdAt: expect.any(String),
      secret: expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/),
    });
  });

  test('is shown from then on without its secret', async () => {
    const shop = await api.customer();
    const { secret, ...endpoint } = await created(shop, { events: ['booking.booked'] });
    expect(secret).toBeDefined();
    expect((await shop.get(pathOf(endpoint))).body).toEqual(endpoint);
    expect((await shop.get(ALL)).body).toEqual({ data: [endpoint] });
  });

  test('has its secret encrypted in the database', async () => {
    const { id, secret } = await created(await api.customer());
    const row = await api.db('webhook_endpoints').where({ id }).first();
    expect(JSON.stringify(row)).not.toContain(secret!.slice('whsec_'.length));
    expect(createSecretCipher(TEST_KEYS).open(id, row!.secret)).toBe(secret);
  });

  test('is the same when its request is repeated with its key, and the secret stays unsaid', async () => {
    const shop = await api.customer();
    const key = { 'idempotency-key': newKey() };
    const first = await shop.post<Created>(ALL, { url: URL_OF_SHOP }, key);
    const again = await shop.post<Created>(ALL, { url: URL_OF_SHOP }, key);
    const { secret: _, ...endpoint } = first.body;
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again).toMatchObject({ status: 201, body: endpoint });
    expect(again.text).not.toContain('whsec_');
    expect((await shop.get<{ data: unknown[] }>(ALL)).body.data).toHaveLength(1);
    const other = await shop.post(ALL, { url: `${URL_OF_SHOP}/2` }, key);
    expect(other.status).toBe(422);
    expectRefused(other, 'idempotency_key_reused');
  });

  test('is one, though its request comes ten times at once', async () => {
    const shop = await api.customer();
    const key = { 'idempotency-key': newKey() };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => shop.post<Created>(ALL, { url: URL_OF_SHOP }, key)),
    );
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.filter(({ body }) => body.secret !== undefined)).toHaveLength(1);
  });
});

describe('refused is', () => {
  test.each([
    ['a URL of another kind', 'ftp://shop.example/'],
    ['no URL', 'shop.example'],
    ['a user name', 'https://user:secret@shop.example/'],
    ['a fragment', 'https://shop.example/#part'],
    ['a long one', `https://shop.example/${'a'.repeat(2_048)}`],
  ])('%s', async (_, url) => {
    const shop = await api.customer();
    const answer = await shop.post(ALL, { url });
    expect(answer.status).toBe(400);
    expectInvalid(answer, '/url');
    expect(answer.text).not.toContain('secret');
  });

  test('a type of event that there is not, and a field that is not known', async () => {
    const shop = await api.customer();
    expectInvalid(await shop.post(ALL, { url: URL_OF_SHOP, events: ['seat.sold'] }), '/events/0');
    expectInvalid(await shop.post(ALL, { url: URL_OF_SHOP, events: [] }), '/events');
    expectInvalid(await shop.post(ALL, { url: URL_OF_SHOP, secret: 'mine' }), '/secret');
  });

  test('the eleventh endpoint, also when twenty are asked for at once', async () => {
    const shop = await api.customer();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => shop.post<Created>(ALL, { url: URL_OF_SHOP })),
    );
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused).toHaveLength(10);
    for (const answer of refused) expectRefused(answer, 'too_many_webhook_endpoints');
    const one = answers.find(({ status }) => status === 201)!.body;
    expect((await shop.send('DELETE', pathOf(one))).status).toBe(204);
    await created(shop);
  });

  test('anyone without a token, and an operator who is no customer', async () => {
    expectRefused(await api.anyone.get(ALL), 'unauthenticated');
    const operator = await api.operator();
    expectRefused(await operator.post(ALL, { url: URL_OF_SHOP }), 'forbidden');
  });
});

describe('where only public addresses are allowed', () => {
  test.each([
    'http://shop.example/',
    'https://127.0.0.1/',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://169.254.169.254/latest/meta-data',
    'https://localhost/',
    'https://db.internal/',
  ])('%s is refused', async (url) => {
    const strict = await api.startApi({ webhooks: { requireHttps: true, allowPrivate: false } });
    const shop = await strict.customer();
    expectInvalid(await shop.post(ALL, { url }), '/url');
    const endpoint = await created(shop);
    expectInvalid(await shop.send('PATCH', pathOf(endpoint), { body: { url } }), '/url');
  });
});

describe('an endpoint of someone else', () => {
  test('is as one that is not there, whatever is asked of it', async () => {
    const endpoint = await created(await api.customer());
    const other = await api.customer();
    for (const path of [pathOf(endpoint), pathOf({ id: randomUUID() }), `${ALL}/none`]) {
      const answers = await Promise.all([
        other.get(path),
        other.send('PATCH', path, { body: { status: 'disabled' } }),
        other.send('DELETE', path),
        other.post(`${path}/ping`, undefined),
        other.post(`${path}/rotate-secret`, undefined),
        other.get(`${path}/deliveries`),
        other.post(`${path}/deliveries/${randomUUID()}/redeliver`, undefined),
      ]);
      for (const answer of answers) {
        expect(answer.status).toBe(404);
        expectRefused(answer, 'webhook_endpoint_not_found');
      }
    }
    expect(await api.db('webhook_endpoints').where({ id: endpoint.id })).toHaveLength(1);
  });
});

describe('a change', () => {
  test('changes what is sent, and nothing else', async () => {
    const shop = await api.customer();
    const { secret: _, ...endpoint } = await created(shop, { description: 'Orders' });
    const changed = await shop.send('PATCH', pathOf(endpoint), {
      body: { events: ['booking.booked', 'booking.booked'] },
    });
    expect(changed.body).toEqual({ ...endpoint, events: ['booking.booked'] });
    const moved = await shop.send('PATCH', pathOf(endpoint), {
      body: { url: `${URL_OF_SHOP}/2`, description: null, events: null },
    });
    expect(moved.body).toEqual({ ...endpoint, url: `${URL_OF_SHOP}/2`, description: null });
  });

  test('disables an endpoint: what it was to get fails; and enables it again', async () => {
    const shop = await api.customer();
    const endpoint = await created(shop);
    await shop.post(pathOf(endpoint, '/ping'), undefined);
    const disabled = await shop.send('PATCH', pathOf(endpoint), { body: { status: 'disabled' } });
    expect(disabled.body).toMatchObject({ status: 'disabled', disabledBecause: 'owner_request' });
    const { body } = await shop.get<Page<Delivery>>(pathOf(endpoint, '/deliveries'));
    expect(body.data).toMatchObject([{ status: 'failed', error: 'endpoint_disabled' }]);
    const enabled = await shop.send('PATCH', pathOf(endpoint), { body: { status: 'enabled' } });
    expect(enabled.body).toMatchObject({ status: 'enabled', disabledBecause: null });
  });

  test('of the secret shows another one, and keeps the one before for a day', async () => {
    const shop = await api.customer();
    const endpoint = await created(shop);
    const { status, body } = await shop.post<Created & { previousSecretExpiresAt: string }>(
      pathOf(endpoint, '/rotate-secret'),
      undefined,
    );
    expect(status).toBe(200);
    expect(body.secret).not.toBe(endpoint.secret);
    const hours = (Date.parse(body.previousSecretExpiresAt) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23.9);
    expect(hours).toBeLessThanOrEqual(24);
    const row = await api.db('webhook_endpoints').where({ id: endpoint.id }).first();
    const cipher = createSecretCipher(TEST_KEYS);
    expect(cipher.open(endpoint.id, row!.secret)).toBe(body.secret);
    expect(cipher.open(endpoint.id, row!.previous_secret!)).toBe(endpoint.secret);
  });
});

describe('deliveries', () => {
  test('a ping is accepted although Temporal is away, and waits to be sent', async () => {
    const shop = await api.customer();
    const endpoint = await created(shop);
    const { status, body } = await shop.post<Delivery>(pathOf(endpoint, '/ping'), undefined);
    expect(status).toBe(202);
    expect(body).toMatchObject({ type: 'ping', status: 'pending', attempt: 1, bookingId: null });
    const { body: list } = await shop.get<Page<Delivery>>(pathOf(endpoint, '/deliveries'));
    expect(list).toEqual({ data: [body], nextCursor: null });
  });

  test('are listed in pages, the newest first, and by status', async () => {
    const shop = await api.customer();
    const endpoint = await created(shop);
    const ids: string[] = [];
    for (let count = 0; count < 5; count += 1) {
      const { body } = await shop.post<Delivery>(pathOf(endpoint, '/ping'), undefined);
      ids.unshift(body.id);
    }
    const seen: string[] = [];
    let cursor = '';
    do {
      const path = pathOf(endpoint, `/deliveries?limit=2${cursor}`);
      const { body } = await shop.get<Page<Delivery>>(path);
      seen.push(...body.data.map(({ id }) => id));
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    expect(seen).toEqual(ids);
    const { body } = await shop.get<Page<Delivery>>(
      pathOf(endpoint, '/deliveries?status=succeeded'),
    );
    expect(body.data).toEqual([]);
  });

  test('are sent again by their ID, as a delivery of its own', async () => {
    const shop = await api.customer();
    const endpoint = await created(shop);
    const { body: ping } = await shop.post<Delivery>(pathOf(endpoint, '/ping'), undefined);
    const again = await shop.post<Delivery>(
      pathOf(endpoint, `/deliveries/${ping.id}/redeliver`),
      undefined,
    );
    expect(again).toMatchObject({ status: 202, body: { status: 'pending', type: 'ping' } });
    expect(again.body.id).not.toBe(ping.id);
    const none = await shop.post(pathOf(endpoint, `/deliveries/${randomUUID()}/redeliver`), {});
    expect(none.status).toBe(404);
    expectRefused(none, 'delivery_not_found');
  });

  test.each(['ping', 'rotate-secret'])('at most ten times a minute: %s', async (action) => {
    const shop = await api.customer();
    const endpoint = await created(shop);
    const answers = await Promise.all(
      Array.from({ length: 13 }, () => shop.post(pathOf(endpoint, `/${action}`), undefined)),
    );
    const limited = answers.filter(({ status }) => status === 429);
    expect(limited).toHaveLength(3);
    for (const answer of limited) {
      expectRefused(answer, 'rate_limited');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    // Another endpoint of the same owner has a limit of its own.
    const other = await created(shop);
    expect((await shop.post(pathOf(other, `/${action}`), undefined)).status).toBeLessThan(300);
  });
});
