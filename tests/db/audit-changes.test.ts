import fc from 'fast-check';
import type { Knex } from 'knex';
import { auditBooks, auditChanges, auditWholeBooks } from '../../src/db/audit/auditor';
import { cancelUnpaidBooking } from '../../src/db/bookings/cancel-unpaid';
import { reserve } from '../../src/db/bookings/reservations';
import type { Db } from '../../src/db/connection';
import type { Violation } from '../../src/temporal/contracts/reconciliation';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { putFlightOnSale, requestOf, type FlightOnSale } from '../support/flights';
import { breakTheBooks } from './book-faults';
import { hold, terms } from './inventory';

/**
 * An audit of what changed finds what an audit of everything finds, however transactions overlap
 * with it, and without a search through what has not changed.
 */

let database: TestDatabase;
/** As the owner of the tables: what it changes is noted. */
let db: Db;
/** As a process: only its events tell what it has changed. */
let worker: Db;
let flight: FlightOnSale;

beforeEach(async () => {
  database = await createTestDatabase();
  db = database.knex;
  worker = database.as('worker');
  flight = await putFlightOnSale(db, { seats: 60 });
  await auditWholeBooks(db);
});

afterEach(() => database.drop());

const SEATED = 'a pending or booked booking owns as many seats as it has seated passengers';

/** Reserves as a faulty release of ours might: one passenger has no seat. Returns the booking. */
async function reserveWrongly(trx: Db): Promise<string> {
  const request = requestOf(flight);
  await reserve(trx, request, terms());
  await trx('passengers').insert({
    booking_id: request.bookingId,
    position: 1,
    given_name: 'Stand',
    family_name: 'By',
    type: 'adult',
    seat_number: null,
  });
  return request.bookingId;
}

const mend = (bookingId: string) =>
  db('passengers').where({ booking_id: bookingId, position: 1 }).delete();

async function examplesAmongChanges(): Promise<string[]> {
  return (await auditChanges(worker)).violations.flatMap(({ examples }) => examples).sort();
}

const suspects = () => db('audit_suspects').pluck('subject');

test('what violates an invariant is reported by every run until it is mended', async () => {
  const bookingId = await worker.transaction(reserveWrongly);
  const found = [{ invariant: SEATED, count: 1, examples: [bookingId] }];
  for (let run = 1; run <= 3; run += 1)
    expect((await auditChanges(worker)).violations).toEqual(found);
  await mend(bookingId);
  expect((await auditChanges(worker)).violations).toEqual([]);
  expect(await suspects()).toEqual([]);
});

test('a transaction that commits after later ones is not missed', async () => {
  const late = await worker.transaction();
  const bookingId = await reserveWrongly(late);
  await hold(worker, flight);
  const audit = auditChanges(worker);
  await late.commit();
  const { violations } = await audit;
  const found = [{ invariant: SEATED, count: 1, examples: [bookingId] }];
  // It may have committed before the audit began to read: then it is in this run, else in the next.
  if (violations.length === 0) expect((await auditChanges(worker)).violations).toEqual(found);
  else expect(violations).toEqual(found);
});

test('a transaction that stays open for longer than an audit waits is not missed either', async () => {
  const late = await worker.transaction();
  const bookingId = await reserveWrongly(late);
  const later = await hold(worker, flight);
  // The server ends idle transactions of ours; this one works on.
  const isOver = { yes: false };
  const working = (async () => {
    while (!isOver.yes) await late.raw('SELECT pg_sleep(0.2)');
  })();
  expect((await auditChanges(worker)).violations).toEqual([]);
  isOver.yes = true;
  await working;
  await late.commit();
  expect(await examplesAmongChanges()).toEqual([bookingId]);
  expect(later.bookingId).not.toBe(bookingId);
});

test('an audit of everything finds what nothing has noted, and later audits report it', async () => {
  const { bookingId } = await hold(worker, flight);
  await auditChanges(worker);
  await db.transaction(async (trx) => {
    await trx.raw('ALTER TABLE passengers DISABLE TRIGGER ALL');
    await trx('passengers').where({ booking_id: bookingId }).delete();
    await trx.raw('ALTER TABLE passengers ENABLE TRIGGER ALL');
    await trx.raw('ALTER TABLE passengers ENABLE ALWAYS TRIGGER passengers_by_hand_are_audited');
  });
  expect(await examplesAmongChanges()).toEqual([]);
  expect((await auditWholeBooks(worker)).violations).not.toEqual([]);
  expect(new Set(await examplesAmongChanges())).toEqual(new Set([bookingId]));
});

test('more changes by hand than are worth listing fail the audit until everything was checked', async () => {
  await db.raw(
    `INSERT INTO booking_events (booking_id, type, actor)
     SELECT b.id, 'payment_started', 'by hand' FROM generate_series(1, 10001), (SELECT CAST(:id AS uuid) AS id) b`,
    { id: (await hold(worker, flight)).bookingId },
  );
  const failed: string[] = [];
  const noteFailure = (_invariant: string, reason: string) => failed.push(reason);
  await auditChanges(worker, noteFailure);
  await auditChanges(worker, noteFailure);
  expect(failed).toEqual([expect.stringContaining('by hand'), expect.stringContaining('by hand')]);
  await auditWholeBooks(worker);
  await auditChanges(worker);
});

test('a user who may only read audits, and the next run begins where that one did', async () => {
  const bookingId = await worker.transaction(reserveWrongly);
  await db.raw('REVOKE INSERT, DELETE ON audit_suspects FROM flight_bookings_worker');
  expect(await examplesAmongChanges()).toEqual([bookingId]);
  expect(await examplesAmongChanges()).toEqual([bookingId]);
});

const STEPS = [
  ...(['hold', 'reserve wrongly', 'cancel', 'begin', 'commit', 'mend', 'by hand'] as const),
  ...(['audit', 'audit'] as const),
];
type Step = (typeof STEPS)[number];

test('whatever happened, it finds what an audit of everything finds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...STEPS), { minLength: 4, maxLength: 12 }),
      async (steps) => {
        const shop = new Shop();
        try {
          for (const step of steps) await shop.take(step);
        } finally {
          await shop.close();
        }
        const whole = await auditBooks(db);
        expect(summaryOf((await auditChanges(worker)).violations)).toEqual(summaryOf(whole));
        // Again: what it has found is kept.
        expect(summaryOf((await auditChanges(worker)).violations)).toEqual(summaryOf(whole));
      },
    ),
    {
      numRuns: 6,
      endOnFailure: true,
      examples: [[['cancel', 'hold', 'audit', 'by hand', 'begin', 'cancel']]],
    },
  );
});

function summaryOf(violations: Violation[]) {
  return violations.map(({ invariant, count }) => `${invariant}: ${count}`).sort();
}

/** Customers and operators at work, some of them in transactions that commit late. */
class Shop {
  private readonly holds: { bookingId: string; customerId: string }[] = [];
  private readonly wrong: string[] = [];
  private readonly open: { trx: Knex.Transaction; bookingId: string }[] = [];
  private readonly audits: Promise<unknown>[] = [];

  async take(step: Step): Promise<void> {
    switch (step) {
      case 'hold':
        this.holds.push(await hold(worker, flight));
        return;
      case 'reserve wrongly':
        this.wrong.push(await worker.transaction(reserveWrongly));
        return;
      case 'begin': {
        if (this.open.length > 0) return;
        const trx = await worker.transaction();
        this.open.push({ trx, bookingId: await reserveWrongly(trx) });
        return;
      }
      case 'commit': {
        const late = this.open.pop();
        await late?.trx.commit();
        if (late !== undefined) this.wrong.push(late.bookingId);
        return;
      }
      case 'cancel': {
        const held = this.holds.pop();
        if (held === undefined) return;
        const { customerId } = held;
        await cancelUnpaidBooking(worker, requestOf(flight, held), {
          reason: 'customer_request',
          actor: customerId,
          requestedAt: new Date(),
        });
        return;
      }
      case 'mend': {
        const bookingId = this.wrong.pop();
        if (bookingId !== undefined) await mend(bookingId);
        return;
      }
      case 'by hand': {
        // The database refuses to cancel what was broken so.
        const held = this.holds.pop();
        if (held !== undefined)
          await breakTheBooks(db, (trx) =>
            trx('seats').where({ booking_id: held.bookingId }).update({ state: 'sold' }),
          );
        return;
      }
      case 'audit':
        // Beside what follows: an audit waits for transactions that are open when it begins.
        this.audits.push(auditChanges(worker));
        return;
      default:
        step satisfies never;
    }
  }

  async close(): Promise<void> {
    await this.take('commit');
    await Promise.all(this.audits);
  }
}
