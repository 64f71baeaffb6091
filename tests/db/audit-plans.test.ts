import { fillChunk } from '../../bench/fill/settled-books';
import { auditBooks } from '../../src/db/audit/auditor';
import { CHECKS } from '../../src/db/audit/checks/checks';
import type { Db } from '../../src/db/connection';
import { createTestDatabase, type TestDatabase } from '../support/database';

/**
 * What audits cost doesn't grow with the books: every check of a batch reads its rows by an index.
 * How long they take with millions of bookings is the bench's to show.
 */

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
  await fillChunk(db, 0, 2_200);
  await db.raw('VACUUM ANALYZE');
});

afterAll(() => database.drop());

test('the filled books break no rule', async () => {
  expect(await auditBooks(db)).toEqual([]);
  expect(await db('audit_suspects').pluck('subject')).toEqual([]);
});

const SMALL_TABLES = ['disputes', 'provider_refunds', 'received_payment_events'];

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Cond'?: string;
  'Index Name'?: string;
  Plans?: Plan[];
}

/** Indexes that hold nothing but open or rare business: reading all of one is what it takes. */
const OPEN_BUSINESS = [
  ...['booking_schedule_changes_due', 'booking_schedule_changes_one_offer'],
  ...['booking_schedule_changes_untold', 'changes_one_pending'],
  ...['payments_one_under_way', 'refunds_open', 'ledger_refunds_by_provider'],
  ...['bookings_by_deadline', 'bookings_open_holds', 'bookings_open_holds_by_end'],
];

/** The parts of a plan that read a table, or an index, from end to end. */
function wholeReads(plan: Plan): string[] {
  const { 'Relation Name': table, 'Index Cond': condition, 'Index Name': index } = plan;
  const type = plan['Node Type'];
  const isRead = type === 'Seq Scan' || (type !== 'Bitmap Heap Scan' && type.endsWith('Scan'));
  const isOfTable = table !== undefined || index !== undefined;
  const isWhole = isRead && isOfTable && condition === undefined;
  const isFine = SMALL_TABLES.includes(table ?? '') || OPEN_BUSINESS.includes(index ?? '');
  return [
    ...(isWhole && !isFine ? [`${type} on ${table ?? index ?? ''}`] : []),
    ...(plan.Plans ?? []).flatMap(wholeReads),
  ];
}

async function bindingsOf(batch: (typeof CHECKS)[number]['batch']) {
  const ids = (table: string, key = 'id') => db(table).limit(20).pluck(key) as Promise<string[]>;
  switch (batch) {
    case 'booking':
      return { ids: await ids('bookings') };
    case 'payment':
      return { ids: await ids('payments') };
    case 'flight':
      return { ids: (await ids('flights')).slice(0, 2) };
    case 'provider_payment':
      return { ids: await ids('sandbox_provider.payment_intents') };
    case 'provider_refund':
      return { ids: await ids('sandbox_provider.refunds') };
    case 'recent':
      return { from: new Date(Date.now() - 3_600_000), to: new Date() };
    case 'answers':
      return {
        afterCaller: 'a',
        afterRoute: '',
        afterKey: '',
        lastCaller: 'filled-customer-2',
        lastRoute: 'bookings',
        lastKey: 'z',
      };
    case 'open':
      return {};
    default:
      return batch satisfies never;
  }
}

/** As many as there could be: that they break rules does not matter to plans. */
async function fillChanges(): Promise<void> {
  await db.transaction(async (trx) => {
    await trx.raw(`SET LOCAL session_replication_role = replica;
      INSERT INTO change_quotes (id, booking_id, slices, price_amount, new_total_amount, fee_amount,
          currency, quoted_at, expires_at)
        SELECT id, id, '[]', 1, 1, 0, 'USD', now(), now() FROM bookings;
      INSERT INTO changes (id, booking_id, quote_id, caller_id, idempotency_key, request_fingerprint,
          status, base_amount, taxes_amount, fees_amount, price_amount, fee_amount, to_pay_amount,
          to_refund_amount, currency, refundable, cancellation_fee_amount, payment_required_by, decided_at)
        SELECT id, id, id, customer_id, id, '', 'completed', 1, 0, 0, 1, 0, 0, 0, 'USD', true, 0, now(), now()
        FROM bookings;
      INSERT INTO schedule_changes (id, flight_id, kind, reason, requested_by, fingerprint,
          old_departure_at, old_arrival_at, applied_at)
        SELECT id, id, 'cancelled', '', '', '', now(), now(), now() FROM flights;
      INSERT INTO booking_schedule_changes (schedule_change_id, booking_id, accepted_times, state,
          outcome, decided_by, settled_at)
        SELECT flight_id, id, '[]', 'settled', 'accepted', 'person', now() FROM bookings;`);
  });
  await db.raw('VACUUM ANALYZE');
}

describe('a batch', () => {
  beforeAll(fillChanges);

  test.each(CHECKS.map((check) => [check.batch, check.invariant, check] as const))(
    'of %s reads no table as a whole: %s',
    async (_batch, _invariant, { batch, query }) => {
      const bindings = await bindingsOf(batch);
      const plan = await db.transaction(async (trx) => {
        // These books are small enough for PostgreSQL to prefer reading all: is there another way?
        await trx.raw(`SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off;
        SET LOCAL enable_mergejoin = off`);
        const { rows } = await trx.raw<{ rows: [{ 'QUERY PLAN': [{ Plan: Plan }] }] }>(
          `EXPLAIN (FORMAT JSON) ${query}`,
          bindings as Record<string, string>,
        );
        return rows[0]['QUERY PLAN'][0].Plan;
      });
      expect(wholeReads(plan)).toEqual([]);
    },
  );
});
