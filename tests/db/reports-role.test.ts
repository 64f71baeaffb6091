import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** The role for reports that docs/security.md prints reads no name and no address. */

let database: TestDatabase;

beforeAll(async () => {
  const security = readFileSync(path.join(ROOT, 'docs/security.md'), 'utf8');
  const [, printed] =
    /^```sql\n(CREATE ROLE flight_bookings_reports .*?)^```$/ms.exec(security) ?? [];
  if (printed === undefined) throw new Error('Bug: docs/security.md prints no role for reports');
  database = await createTestDatabase();
  await database.knex.raw(printed);
});

afterAll(async () => {
  // A role belongs to the server, and would outlive the database.
  await database.knex.raw('DROP OWNED BY flight_bookings_reports');
  await database.knex.raw('DROP ROLE flight_bookings_reports');
  await database.drop();
});

async function asReports(query: string): Promise<unknown> {
  return database.knex.transaction(async (trx) => {
    await trx.raw('SET LOCAL ROLE flight_bookings_reports');
    return trx.raw(query);
  });
}

test.each(['bookings', 'payments', 'refunds', 'seats', 'ledger_postings', 'disputes'])(
  'it reads %s',
  async (table) => {
    await expect(asReports(`SELECT count(*) FROM ${table}`)).resolves.toBeDefined();
  },
);

test.each([
  'SELECT family_name FROM passengers',
  'SELECT contact_email FROM bookings',
  'SELECT body FROM idempotency_outcomes',
  'SELECT note FROM booking_events',
  'SELECT settlement_note FROM refunds',
  "UPDATE bookings SET status = 'cancelled'",
])('it is refused: %s', async (query) => {
  await expect(asReports(query)).rejects.toThrow('permission denied');
});
