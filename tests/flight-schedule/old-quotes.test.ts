import { randomUUID } from 'node:crypto';
import { clearOldQuotes } from '../../src/activities/flight-schedule/old-quotes';
import { deleteOldQuotes } from '../../src/db/changes/old-quotes';
import type { Db } from '../../src/db/connection';
import { makeChangedBooks, type ChangedBooks } from '../db/changed-books';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** What becomes of quotes that nobody used, by a worker's role. */

let database: TestDatabase;
let db: Db;
let books: ChangedBooks;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
  books = await makeChangedBooks(db);
});

afterAll(() => database.drop());

const HOUR_MS = 60 * 60_000;
const NOW = new Date();

/** Quotes that expired so many hours ago. */
async function quotes(count: number, hoursAgo: number): Promise<void> {
  const expires_at = new Date(NOW.getTime() - hoursAgo * HOUR_MS);
  await db.batchInsert(
    'change_quotes',
    Array.from({ length: count }, () => ({
      id: randomUUID(),
      booking_id: books.waiting,
      slices: '[]',
      currency: 'USD',
      price_amount: 1,
      new_total_amount: 1,
      fee_amount: 0,
      quoted_at: expires_at,
      expires_at,
    })),
  );
}

const left = async () => (await db('change_quotes').pluck('id')).length;

test('all that expired a day ago go, however many; quotes of changes and later ones stay', async () => {
  const used = await left();
  await db('change_quotes').update({ expires_at: new Date(NOW.getTime() - 30 * HOUR_MS) });
  await quotes(2_100, 25);
  await quotes(3, 23);
  expect(await clearOldQuotes({ db: database.as('worker'), now: NOW })).toBe(2_100);
  expect(await left()).toBe(used + 3);
  expect(await clearOldQuotes({ db: database.as('worker'), now: NOW })).toBe(0);
});

test('a statement deletes a thousand at most', async () => {
  await quotes(1_500, 48);
  const before = new Date(NOW.getTime() - 24 * HOUR_MS);
  const { deleted, next } = await deleteOldQuotes(db, { before, after: null });
  expect(deleted).toBeLessThanOrEqual(1_000);
  expect(next).not.toBeNull();
});
