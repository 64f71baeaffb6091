import { listDue, readReceiver } from '../../src/db/webhooks/due-view';
import { fanOutEvents, handOver, handOverAll } from '../../src/db/webhooks/fan-out';
import type { Db } from '../../src/db/connection';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { putFlightOnSale } from '../support/flights';
import { addHook } from '../support/webhooks';
import { hold } from './inventory';

/** Who sends an event: whoever has taken it, or the workflow of its endpoint. */

const TAKEN_FOR_MS = 20_000;

let database: TestDatabase;
let db: Db;
let flight: { id: string };
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.as('worker');
  flight = await putFlightOnSale(database.knex, { seats: 120 });
});
afterAll(async () => {
  for (const close of closing) await close();
  await database.drop();
});

async function hook() {
  const { receiver, ...added } = await addHook(database.knex);
  closing.push(() => receiver.close());
  return added;
}

/** Has an endpoint's owner hold a seat, and the event of it taken. */
async function takenOf({ ownerId }: { ownerId: string }) {
  const { bookingId } = await hold(db, flight, { customerId: ownerId });
  return { bookingId, ...(await fanOutEvents(db, TAKEN_FOR_MS)) };
}

test('an event of an endpoint that works is for whoever takes it, and for nobody else', async () => {
  const owner = await hook();
  const { endpointId } = owner;
  const { bookingId, fresh, endpointIds } = await takenOf(owner);
  expect(fresh).toMatchObject([
    {
      bookingId,
      receiver: { id: endpointId, isEnabled: true, failingSince: null },
      delivery: { attempt: 1, event: { type: 'booking.pending', sequence: 1, bookingId } },
    },
  ]);
  expect(endpointIds).toEqual([]);
  expect(await listDue(db, endpointId, 10)).toEqual([]);
  expect(await readReceiver(db, endpointId)).toMatchObject({ takenCount: 1 });
  expect(await fanOutEvents(db, TAKEN_FOR_MS)).toMatchObject({ fresh: [], endpointIds: [] });
});

test.each([
  ['without a place is due when it is handed over', (ids: string[]) => handOver(db, ids)],
  ['of a process that died is due when the next one starts', () => handOverAll(db)],
])('one %s', async (_, giveUp) => {
  const owner = await hook();
  const { fresh } = await takenOf(owner);
  const ids = fresh.map(({ delivery }) => delivery.id);
  await giveUp(ids);
  expect((await listDue(db, owner.endpointId, 10)).map(({ id }) => id)).toEqual(ids);
  expect(await readReceiver(db, owner.endpointId)).toMatchObject({ takenCount: 0 });
});

test('one that is not sent in time is due', async () => {
  const owner = await hook();
  await hold(db, flight, { customerId: owner.ownerId });
  await fanOutEvents(db, 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await listDue(db, owner.endpointId, 10)).toHaveLength(1);
});

test('events of an endpoint that has more to get, or fails, are for its workflow', async () => {
  const [behind, failing] = [await hook(), await hook()];
  const { fresh } = await takenOf(behind);
  await handOver(
    db,
    fresh.map(({ delivery }) => delivery.id),
  );
  await database
    .knex('webhook_endpoints')
    .where({ id: failing.endpointId })
    .update({ failing_since: new Date() });
  for (const owner of [behind, failing])
    expect(await takenOf(owner)).toMatchObject({ fresh: [], endpointIds: [owner.endpointId] });
});
