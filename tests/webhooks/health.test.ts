import { createWebhookAttempts } from '../../src/activities/webhook-attempts';
import type { Db } from '../../src/db/connection';
import { changeEndpoint, type EndpointChange } from '../../src/db/webhooks/endpoints';
import { fanOutEvents } from '../../src/db/webhooks/fan-out';
import { createSecretCipher } from '../../src/db/webhooks/secret-cipher';
import { createWebhookSender } from '../../src/notifications/webhooks/send';
import { hold } from '../db/inventory';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { TEST_KEYS } from '../support/encryption';
import { putFlightOnSale } from '../support/flights';
import { addHook } from '../support/webhooks';

/** Since when an endpoint fails is said of the address that it has, and of none before. */

const HOUR_MS = 60 * 60_000;
const OTHER = { url: 'http://127.0.0.1:9/elsewhere' };

let database: TestDatabase;
let db: Db;
let hook: Awaited<ReturnType<typeof addHook>>;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.as('worker');
});
afterAll(() => database.drop());

beforeEach(async () => {
  hook = await addHook(database.knex);
});
afterEach(() => hook.receiver.close());

const change = (settings: EndpointChange) =>
  changeEndpoint(database.as('api'), hook.ownerId, hook.endpointId, settings);

async function failSince(hoursAgo: number): Promise<Date> {
  const failingSince = new Date(Date.now() - hoursAgo * HOUR_MS);
  await database
    .knex('webhook_endpoints')
    .where({ id: hook.endpointId })
    .update({ failing_since: failingSince });
  return failingSince;
}

const endpoint = () => database.knex('webhook_endpoints').where({ id: hook.endpointId }).first();

/** Sends an event, and has something happen before the receiver answers. */
async function sendMeanwhile(
  status: number,
  meanwhile: () => Promise<unknown>,
  failingSince: Date | null = null,
) {
  hook.receiver.answerWith((_req, res) => {
    void meanwhile().then(() => res.writeHead(status).end());
  });
  const flight = await putFlightOnSale(database.knex, { seats: 2 });
  await hold(db, flight, { customerId: hook.ownerId });
  const [taken] = (await fanOutEvents(db, 20_000)).fresh;
  if (taken === undefined) throw new Error('Bug: nothing is to be sent');
  let isDisabled: boolean | undefined;
  const attempt = createWebhookAttempts({
    db,
    webhookSecrets: createSecretCipher(TEST_KEYS),
    send: createWebhookSender({ allowPrivate: true }),
    note: ({ isDisabled: so }) => {
      isDisabled = so;
    },
  });
  await attempt({ ...taken.receiver, failingSince }, taken.delivery);
  return { isDisabled };
}

test('an address that fails after it was replaced says nothing of its successor', async () => {
  await sendMeanwhile(503, () => change(OTHER));
  expect(await endpoint()).toMatchObject({ ...OTHER, failing_since: null });
});

test('nor does one that succeeds', async () => {
  let failingSince: Date | undefined;
  const replace = async () => {
    await change(OTHER);
    failingSince = await failSince(1);
  };
  await sendMeanwhile(204, replace, new Date(Date.now() - HOUR_MS));
  expect(await endpoint()).toMatchObject({ ...OTHER, failing_since: failingSince });
});

test('an address that failed for 72 hours disables no endpoint that has another by then', async () => {
  const replace = async () => {
    await change(OTHER);
    await failSince(73);
  };
  const attempted = await sendMeanwhile(503, replace, new Date(Date.now() - 73 * HOUR_MS));
  expect(attempted).toMatchObject({ isDisabled: false });
  expect(await endpoint()).toMatchObject({ ...OTHER, status: 'enabled' });
});

test('a new address has not failed yet; other changes leave the old one as it is', async () => {
  const failingSince = await failSince(71);
  await change({ description: 'Our shop', url: hook.receiver.url });
  expect(await endpoint()).toMatchObject({ failing_since: failingSince });
  await change(OTHER);
  expect(await endpoint()).toMatchObject({ ...OTHER, failing_since: null });
});
