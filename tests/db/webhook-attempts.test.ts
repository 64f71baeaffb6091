import { explain } from '../../bench/measure/plan';
import type { Db } from '../../src/db/connection';
import { recordAttempt } from '../../src/db/webhooks/attempts';
import { listDeliveries } from '../../src/db/webhooks/delivery-view';
import { deleteEndpoint } from '../../src/db/webhooks/endpoints';
import { addPing } from '../../src/db/webhooks/new-deliveries';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { untilWaiting, whileRivalHolds } from '../support/rival';
import { addHook } from '../support/webhooks';

let database: TestDatabase;
let hook: Awaited<ReturnType<typeof addHook>>;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(async () => {
  hook = await addHook(database.knex);
});
afterEach(() => hook.receiver.close());

const failed = (db: Db, deliveryId: string, retryAfterMs: number | null = 60_000) =>
  recordAttempt(db, {
    deliveryId,
    outcome: { status: 'failed', responseStatus: 503, error: 'http_status' },
    sentAt: new Date(),
    durationMs: 5,
    retryAfterMs,
  });

test('an endpoint that is deleted while an attempt of it is recorded waits for nobody who waits for it', async () => {
  const { endpointId, ownerId } = hook;
  const earlier = await addPing(database.as('api'), endpointId);
  const deliveryId = await addPing(database.as('api'), endpointId);
  const [deleting, recording] = await whileRivalHolds(
    database.knex,
    (rival) => rival('webhook_deliveries').where({ id: earlier }).forUpdate(),
    async () => {
      const deleted = deleteEndpoint(database.as('api'), ownerId, endpointId);
      await untilWaiting(database.knex);
      const recorded = failed(database.as('worker'), deliveryId);
      await untilWaiting(database.knex, 2);
      return [Promise.allSettled([deleted]), Promise.allSettled([recorded])];
    },
  );
  expect(await deleting).toEqual([{ status: 'fulfilled', value: true }]);
  expect(await recording).toEqual([{ status: 'fulfilled', value: undefined }]);
});

test.each(['retrying', 'failed', 'pending'] as const)(
  'the deliveries of an endpoint that are %s are found among many others',
  async (status) => {
    const { endpointId } = hook;
    const worker = database.as('worker');
    const deliveryId = await addPing(database.as('api'), endpointId);
    if (status !== 'pending')
      await failed(worker, deliveryId, status === 'retrying' ? 60_000 : null);
    await database.knex.raw(
      `INSERT INTO webhook_deliveries (endpoint_id, status, sent_at, duration_ms)
       SELECT ?, 'succeeded', now(), 5 FROM generate_series(1, 10000)`,
      [endpointId],
    );
    await database.knex.raw('VACUUM ANALYZE webhook_deliveries');
    const list = (db: Db) => listDeliveries(db, { endpointId, status, limit: 10 });
    expect(await list(database.as('api'))).toHaveLength(1);
    // Of 8 kB. All of the deliveries have hundreds.
    expect((await explain(database.knex, list)).buffers).toBeLessThan(50);
  },
);
