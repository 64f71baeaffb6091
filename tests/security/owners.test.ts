import { randomUUID } from 'node:crypto';
import type { Change, ChangeQuote } from '../../src/domain/changes/change';
import type { Delivery } from '../../src/domain/webhooks/delivery';
import type { WebhookEndpoint } from '../../src/domain/webhooks/endpoint';
import { CHANGE_ID, CHANGE } from '../../src/api/openapi/change-examples';
import { BOOKING_ID, FLIGHT_ID, PASSENGER_ID, PAYMENT_ID } from '../../src/api/openapi/examples';
import { DELIVERY_ID, ENDPOINT_ID } from '../../src/api/openapi/webhook-examples';
import { openStorefront, tokenOf, type Storefront } from '../support/api';
import { putRoundTripOnSale, WAY_BACK } from '../support/itineraries';
import { clientOf, newKey, type Client } from '../api/client';
import type { Answer, ProblemBody } from '../api/contract';
import { putOnSale } from '../api/timetable';
import { SECURED, sampleOf, type Operation } from './operations';

/**
 * Every operation that names something of a customer's, asked by another customer: it is answered
 * as if there were no such thing, in the same words, and nothing comes of it.
 */

const QUOTE_ID = CHANGE.quoteId;

/** A customer with one of everything, by the IDs that stand for it in the document's examples. */
type Belongings = Record<string, string>;

let store: Storefront;
let ada: Client;
let adas: Belongings;
let bea: Client;
let beas: Belongings;

beforeAll(async () => {
  store = await openStorefront();
  [ada, bea] = [await store.customer(), await store.customer()];
  adas = await belongingsOf(ada);
  beas = await belongingsOf(bea);
});
afterAll(() => store.close());

async function belongingsOf(customer: Client): Promise<Belongings> {
  const trip = await putRoundTripOnSale(store.db);
  const [later = '', latest = ''] = await putOnSale(
    store.db,
    ['17:00', '18:00'].map((time) => ({
      from: 'LAX',
      to: 'EWR',
      date: WAY_BACK,
      time,
      cabins: [{ cabin: 'economy' as const, seats: 6, price: 19_000 }],
    })),
  );
  const { body: held } = await customer.create(
    { id: '' },
    { flightId: undefined, slices: trip.slices },
  );
  expect(await customer.pay(held)).toMatchObject({ status: 201 });
  const path = `/api/v1/bookings/${held.id}`;
  const quoteFor = (last: string) =>
    customer.post<ChangeQuote>(`${path}/change-quotes`, {
      slices: [{ replaces: 1, flightIds: [trip.flightIds[2], last] }],
    });
  const { body: used } = await quoteFor(later);
  const { body: change } = await customer.post<Change>(
    `${path}/changes`,
    { quoteId: used.id, paymentMethod: 'pm_card_visa' },
    { 'x-idempotency-key': newKey() },
  );
  expect(change.status).toBe('completed');
  const { body: quote } = await quoteFor(latest);
  const { body: endpoint } = await customer.post<WebhookEndpoint>('/api/v1/webhook-endpoints', {
    url: 'http://127.0.0.1:9/hooks',
  });
  const { body: delivery } = await customer.post<Delivery>(
    `/api/v1/webhook-endpoints/${endpoint.id}/ping`,
    undefined,
  );
  const [passenger] = held.passengers;
  return {
    [BOOKING_ID]: held.id,
    [PASSENGER_ID]: passenger?.id ?? '',
    [PAYMENT_ID]: change.payment?.id ?? '',
    [FLIGHT_ID]: trip.flightIds[0] ?? '',
    [QUOTE_ID]: quote.id,
    [CHANGE_ID]: change.id,
    [ENDPOINT_ID]: endpoint.id,
    [DELIVERY_ID]: delivery.id,
  };
}

/** Of the examples, the IDs that stand for what belongs to someone. */
const OWNED = [BOOKING_ID, PASSENGER_ID, QUOTE_ID, CHANGE_ID, ENDPOINT_ID, DELIVERY_ID];

const idsIn = (operation: Operation) =>
  OWNED.filter((id) => JSON.stringify(sampleOf(operation)).includes(id));

/** What customers may ask for that names something of someone's. */
const NAMING = SECURED.filter((one) => one.scopes.includes('bookings') && idsIn(one).length > 0);

/** What customers may ask for that names nothing: what is their own is answered. */
const LISTING = SECURED.filter(
  (one) => one.scopes.includes('bookings') && one.method === 'GET' && idsIn(one).length === 0,
);

const ask = (client: Client, operation: Operation, ids: Belongings) => {
  const { method, path, headers, body } = sampleOf(operation, ids);
  const key = Object.fromEntries(Object.keys(headers).map((name) => [name, newKey()]));
  return client.send<ProblemBody>(method, path, { headers: key, body });
};

/** What a refusal says, but for what the caller sent. */
function wordsOf({ body }: Answer<ProblemBody>) {
  const { instance: _, requestId: __, ...words } = body;
  return words;
}

/** All that a customer can read of what is theirs. */
async function everythingOf(client: Client, own: Belongings): Promise<string> {
  const readings = [...NAMING, ...LISTING].filter(({ method }) => method === 'GET');
  const answers: Answer[] = [];
  for (const operation of readings) {
    const answer = await ask(client, operation, own);
    expect({ asked: operation.operationId, status: answer.status }).toEqual({
      asked: operation.operationId,
      status: 200,
    });
    answers.push(answer);
  }
  return answers.map(({ text }) => text).join('\n');
}

/** Such IDs as nobody has. */
const nobodys = () => Object.fromEntries(OWNED.map((id) => [id, randomUUID()]));

test('there are many such operations, and each kind of belonging is named by one', () => {
  expect(NAMING.length).toBeGreaterThan(18);
  expect([...new Set(NAMING.flatMap(idsIn))].sort()).toEqual([...OWNED].sort());
  console.log(
    `${NAMING.length} operations name something of a customer's, ${LISTING.length} list.`,
  );
});

describe('what belongs to someone else', () => {
  test.each(NAMING)('is not there: $operationId', async (operation) => {
    const before = await everythingOf(ada, adas);
    const nothing = await ask(bea, operation, { ...adas, ...nobodys() });
    expect(nothing.status).toBe(404);
    const foreign = await ask(bea, operation, adas);
    expect(wordsOf(foreign)).toEqual(wordsOf(nothing));
    expect(await everythingOf(ada, adas)).toBe(before);
  });

  test.each(NAMING.filter((operation) => idsIn(operation).length > 1))(
    'is not there behind something of one’s own either: $operationId',
    async (operation) => {
      const [own = '', ...others] = idsIn(operation);
      const mixed = (ids: Belongings) => ({
        ...beas,
        ...Object.fromEntries(others.map((id) => [id, ids[id] ?? ''])),
        [own]: beas[own] ?? '',
      });
      const nothing = await ask(bea, operation, mixed(nobodys()));
      expect(nothing.status).toBe(404);
      expect(wordsOf(await ask(bea, operation, mixed(adas)))).toEqual(wordsOf(nothing));
    },
  );

  test.each(LISTING)('is in no list: $operationId', async (operation) => {
    const { text } = await ask(bea, operation, beas);
    expect(text).toContain(Object.values(beas).find((id) => text.includes(id)));
    expect(Object.values(adas).filter((id) => text.includes(id))).toEqual([]);
  });
});

test('webhook endpoints are nobody’s but their owner’s: operators find none of them', async () => {
  const token = await tokenOf({ sub: 'op-1', scope: 'bookings operator' });
  const operator = clientOf(store.url, token);
  for (const operation of NAMING.filter((one) => idsIn(one).includes(ENDPOINT_ID)))
    expect((await ask(operator, operation, adas)).status).toBe(404);
});

test('a payment says whose it is by its token, not by its body', async () => {
  const { body: booking } = await ada.read(adas[BOOKING_ID] ?? '');
  const asAda = await bea.pay(booking, { userId: 'someone-else' });
  expect(asAda).toMatchObject({ status: 403, body: { code: 'forbidden' } });
});
