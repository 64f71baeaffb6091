import { MockActivityEnvironment } from '@temporalio/testing';
import { createWebhookAttempts } from '../../src/activities/webhook-attempts';
import type { Db } from '../../src/db/connection';
import { listDue, readReceiver } from '../../src/db/webhooks/due-view';
import { changeEndpoint, type EndpointChange } from '../../src/db/webhooks/endpoints';
import { fanOutEvents } from '../../src/db/webhooks/fan-out';
import { addPing } from '../../src/db/webhooks/new-deliveries';
import { createSecretCipher } from '../../src/db/webhooks/secret-cipher';
import { createWebhookSender } from '../../src/notifications/webhooks/send';
import { hold } from '../db/inventory';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { TEST_KEYS } from '../support/encryption';
import { putFlightOnSale } from '../support/flights';
import { addHook } from '../support/webhooks';

/**
 * Since when an endpoint fails is said of the address that it has, and of none before. It is disabled
 * for it when an event is given up.
 */

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

const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR_MS);

async function failSince(failingSince: Date): Promise<void> {
  await database
    .knex('webhook_endpoints')
    .where({ id: hook.endpointId })
    .update({ failing_since: failingSince });
}

const endpoint = () => database.knex('webhook_endpoints').where({ id: hook.endpointId }).first();

/** Something happens of which the endpoint is to hear. */
async function addEvent(): Promise<void> {
  const flight = await putFlightOnSale(database.knex, { seats: 2 });
  await hold(db, flight, { customerId: hook.ownerId });
  await fanOutEvents(db, 0);
}

/**
 * Makes the attempt that is due, and has something happen before the receiver answers. Returns
 * whether it disabled the endpoint.
 */
async function attemptDue(
  status: number,
  {
    meanwhile = () => Promise.resolve(),
    firstDueAt = new Date(),
  }: { meanwhile?: () => Promise<unknown>; firstDueAt?: Date } = {},
): Promise<boolean | undefined> {
  hook.receiver.answerWith((_req, res) => {
    void meanwhile().then(() => res.writeHead(status).end());
  });
  const receiver = await readReceiver(db, hook.endpointId);
  const [delivery] = await listDue(db, hook.endpointId, 1);
  if (receiver === undefined || delivery === undefined) throw new Error('Bug: nothing is due');
  let isDisabled: boolean | undefined;
  const attempt = createWebhookAttempts({
    db,
    webhookSecrets: createSecretCipher(TEST_KEYS),
    send: createWebhookSender({ allowPrivate: true }),
    note: ({ isDisabled: so }) => {
      isDisabled = so;
    },
  });
  await new MockActivityEnvironment().run(attempt, receiver, { ...delivery, firstDueAt });
  return isDisabled;
}

test('an address that fails after it was replaced says nothing of its successor', async () => {
  await addEvent();
  await attemptDue(503, { meanwhile: () => change(OTHER) });
  expect(await endpoint()).toMatchObject({ ...OTHER, failing_since: null });
});

test('nor does one that succeeds', async () => {
  const failingSince = hoursAgo(1);
  await failSince(hoursAgo(2));
  await addEvent();
  const meanwhile = async () => {
    await change(OTHER);
    await failSince(failingSince);
  };
  await attemptDue(204, { meanwhile });
  expect(await endpoint()).toMatchObject({ ...OTHER, failing_since: failingSince });
});

test('an address that failed for 72 hours disables no endpoint that has another by then', async () => {
  await failSince(hoursAgo(73));
  await addEvent();
  const meanwhile = async () => {
    await change(OTHER);
    await failSince(hoursAgo(73));
  };
  expect(await attemptDue(503, { meanwhile, firstDueAt: hoursAgo(72) })).toBe(false);
  expect(await endpoint()).toMatchObject({ ...OTHER, status: 'enabled' });
});

test('an event that comes a quiet week after failures is tried again for all its time', async () => {
  const failingSince = hoursAgo(7 * 24);
  await failSince(failingSince);
  await addEvent();
  expect(await attemptDue(503)).toBe(false);
  expect(await endpoint()).toMatchObject({ status: 'enabled', failing_since: failingSince });
  const attempts = await database
    .knex('webhook_deliveries')
    .where({ endpoint_id: hook.endpointId })
    .orderBy('attempt');
  expect(attempts).toMatchObject([{ status: 'retrying' }, { status: 'pending' }]);
});

test.each([
  [71, 'enabled'],
  [72, 'disabled'],
])(
  'an endpoint that failed for %i hours when an event is given up is %s',
  async (hours, status) => {
    await failSince(hoursAgo(hours));
    await addEvent();
    expect(await attemptDue(503, { firstDueAt: hoursAgo(72) })).toBe(status === 'disabled');
    expect(await endpoint()).toMatchObject({ status });
  },
);

test('a ping that fails disables nothing', async () => {
  await failSince(hoursAgo(73));
  await addPing(database.as('api'), hook.endpointId);
  expect(await attemptDue(503)).toBe(false);
  expect(await endpoint()).toMatchObject({ status: 'enabled' });
});

test('a new address has not failed yet; other changes leave the old one as it is', async () => {
  const failingSince = hoursAgo(71);
  await failSince(failingSince);
  await change({ description: 'Our shop', url: hook.receiver.url });
  expect(await endpoint()).toMatchObject({ failing_since: failingSince });
  await change(OTHER);
  expect(await endpoint()).toMatchObject({ ...OTHER, failing_since: null });
});
