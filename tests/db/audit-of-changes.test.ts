import { auditBooks, auditChanges } from '../../src/db/audit/auditor';
import { OF_CHANGES } from '../../src/db/audit/checks/of-changes';
import { OF_SCHEDULE_CHANGES } from '../../src/db/audit/checks/of-schedule-changes';
import type { Db } from '../../src/db/connection';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { breakTheBooks } from './book-faults';
import { makeChangedBooks, type ChangedBooks } from './changed-books';
import { FAULTS_OF_CHANGES } from './faults-of-changes';

/** What is wrong with changes and schedule changes is refused by PostgreSQL, or found by the audit. */

let database: TestDatabase;
let db: Db;
let books: ChangedBooks;

beforeEach(async () => {
  database = await createTestDatabase();
  db = database.knex;
  books = await makeChangedBooks(db);
});

afterEach(() => database.drop());

const invariantsOf = (violations: { invariant: string }[]) =>
  violations.map(({ invariant }) => invariant);

test('every invariant of changes and schedule changes has a fault that violates it', () => {
  const planted = new Set(FAULTS_OF_CHANGES.map(([, invariant]) => invariant));
  expect(new Set(invariantsOf([...OF_CHANGES, ...OF_SCHEDULE_CHANGES]))).toEqual(planted);
});

test.each(FAULTS_OF_CHANGES)(
  '%s is found, among all rows and among those that changed',
  async (_fault, invariant, plant) => {
    expect(await auditBooks(db)).toEqual([]);
    expect((await auditChanges(db)).violations).toEqual([]);
    await breakTheBooks(db, (trx) => plant(trx, books));
    expect(invariantsOf(await auditBooks(db))).toContain(invariant);
    expect(invariantsOf((await auditChanges(db)).violations)).toContain(invariant);
  },
);

/** What PostgreSQL refuses, a part of its message, and the statements. */
const REFUSED: [string, string, (trx: Db) => Promise<unknown>][] = [
  [
    'other prices of its flights than the last change gave it',
    'has not the flights of its last change',
    async (trx) => {
      const segments = trx('booking_segments').where({ booking_id: books.dearer });
      await segments.clone().where({ position: 0 }).increment({ base_amount: 1 });
      await segments.clone().where({ position: 1 }).decrement({ base_amount: 1 });
    },
  ],
  [
    'an offer to a booking that is cancelled',
    'is not booked, and has an offer',
    async (trx) => {
      const offer = await trx('booking_schedule_changes')
        .where({ booking_id: books.waiting })
        .first('before', 'after', 'significant', 'respond_by', 'accepted_times');
      await trx('booking_schedule_changes').insert({
        schedule_change_id: books.untoldChange,
        booking_id: books.ended,
        state: 'waiting',
        significant: true,
        respond_by: offer?.respond_by ?? null,
        before: JSON.stringify(offer?.before),
        after: JSON.stringify(offer?.after),
        accepted_times: JSON.stringify(offer?.accepted_times),
      });
    },
  ],
  [
    'that a settled schedule change is open again',
    'is settled',
    (trx) =>
      trx('booking_schedule_changes')
        .where({ booking_id: books.accepted })
        .update({ state: 'pending', outcome: null, decided_by: null, settled_at: null }),
  ],
  [
    'that someone accepts a flight that does not fly',
    'booking_schedule_changes_flown_check',
    (trx) => settle(trx, books.waiting, { outcome: 'accepted', decided_by: 'person' }),
  ],
  [
    'that the system accepts a significant change',
    'booking_schedule_changes_significant_check',
    (trx) =>
      trx('booking_schedule_changes')
        .where({ booking_id: books.accepted })
        .update({ decided_by: 'system' }),
  ],
  [
    'that a cancelled flight flies again',
    'is cancelled',
    (trx) => trx('flights').where({ id: books.waitingFlight }).update({ status: 'moved' }),
  ],
  [
    'to cancel a flight without a list of its bookings',
    'not all of its bookings are to be told',
    (trx) =>
      trx('flights')
        .whereIn('id', trx('bookings').where({ id: books.accepted }).select('flight_id'))
        .update({ status: 'cancelled' }),
  ],
];

test.each(REFUSED)('PostgreSQL refuses %s', async (_fault, message, write) => {
  await expect(
    db.transaction(async (trx) => {
      await write(trx);
    }),
  ).rejects.toThrow(message);
});

function settle(
  trx: Db,
  bookingId: string,
  response: { outcome: string; decided_by: string },
): Promise<unknown> {
  return trx('booking_schedule_changes')
    .where({ booking_id: bookingId })
    .update({ state: 'settled', settled_at: new Date(), ...response });
}
