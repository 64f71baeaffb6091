import { Registry } from 'prom-client';
import { connect } from '../../src/db/connection';
import { OVERDUE_AFTER_MINUTES } from '../../src/domain/schedule-change-lateness';
import { recordUnappliedPayment } from '../../src/db/external-payments/unapplied';
import { startPayment } from '../../src/db/payments/card-payments';
import { measureOpenBusiness } from '../../src/telemetry/metrics/open-business';
import { makeChangedBooks } from '../db/changed-books';
import { externalPaymentFor, hold, sell } from '../db/inventory';
import { openApi, type ApiUnderTest } from '../support/api';
import { paymentFor, putFlightOnSale } from '../support/flights';

/** What the API shows of what is open in the books. */

let backend: ApiUnderTest;

beforeAll(async () => {
  backend = await openApi();
});

afterAll(() => backend.close());

/** The gauges as an API shows them that has just started, and has read nothing before. */
async function gauges(): Promise<Record<string, number>> {
  const { anyone } = await backend.startApi();
  const { status, text } = await anyone.get('/metrics');
  expect(status).toBe(200);
  return gaugesIn(text);
}

function gaugesIn(text: string): Record<string, number> {
  const lines = text.matchAll(
    /^((?:booking_holds|seats|payments_under_way|refunds_open|disputes|mails|provider_refunds|booking_changes|schedule_change_offers|database_up)\S*) (\d+)$/gm,
  );
  return Object.fromEntries([...lines].map(([, name, value]) => [name ?? '', Number(value)]));
}

test('holds, seats, charges and refunds are counted while they are open', async () => {
  const { db } = backend;
  const flight = await putFlightOnSale(db, { seats: 12 });
  await hold(db, flight);
  const beingPaid = await hold(db, flight);
  await startPayment(db, paymentFor(beingPaid), 'sandbox');
  const { request: sold } = await sell(db, flight);
  for (const provider of ['sandbox', 'bank'])
    await recordUnappliedPayment(db, externalPaymentFor(sold, { provider }), {
      reason: 'second_payment',
      ourProviders: ['sandbox'],
    });
  const open = {
    database_up: 1,
    'booking_holds{state="open"}': 2,
    'booking_holds{state="overdue"}': 0,
    'seats{state="held"}': 2,
    'seats{state="sold_last_day"}': 1,
    'payments_under_way{state="processing"}': 1,
    'payments_under_way{state="authorized"}': 0,
    'refunds_open{state="pending"}': 1,
    'refunds_open{state="needs_operator"}': 1,
    'mails{state="due"}': 0,
    'mails{state="overdue"}': 0,
    'disputes{state="open"}': 0,
    'disputes{state="lost"}': 0,
    'provider_refunds{state="booked"}': 0,
    'booking_changes{state="pending"}': 0,
    'booking_changes{state="overdue"}': 0,
    'schedule_change_offers{state="untold"}': 0,
    'schedule_change_offers{state="open"}': 0,
    'schedule_change_offers{state="overdue"}': 0,
  };
  expect(await gauges()).toEqual(open);

  // A minute and more past their deadline: the one that is being paid is not overdue.
  await db('bookings')
    .where({ status: 'pending' })
    .update({ payment_required_by: new Date(Date.now() - 61_000) });
  expect(await gauges()).toEqual({ ...open, 'booking_holds{state="overdue"}': 1 });
});

test('changes and offers are counted while they are open', async () => {
  const { db } = backend;
  const books = await makeChangedBooks(db);
  const open = {
    'booking_changes{state="pending"}': 1,
    'booking_changes{state="overdue"}': 0,
    'schedule_change_offers{state="untold"}': 1,
    'schedule_change_offers{state="open"}': 1,
    'schedule_change_offers{state="overdue"}': 0,
  };
  expect(await gauges()).toMatchObject(open);
  const past = new Date(Date.now() - (OVERDUE_AFTER_MINUTES + 1) * 60_000);
  await db('changes').where({ booking_id: books.changing }).update({ payment_required_by: past });
  await db('booking_schedule_changes')
    .where({ booking_id: books.waiting })
    .update({ respond_by: past });
  expect(await gauges()).toMatchObject({
    ...open,
    'booking_changes{state="overdue"}': 1,
    'schedule_change_offers{state="overdue"}': 1,
  });
});

test('however often it is scraped, PostgreSQL is asked once in a while', async () => {
  const registry = new Registry();
  const asked: string[] = [];
  const note = ({ sql }: { sql: string }) => asked.push(sql);
  backend.db.on('query', note);
  measureOpenBusiness(registry, backend.db);
  await Promise.all(Array.from({ length: 20 }, () => registry.metrics()));
  await registry.metrics();
  backend.db.off('query', note);
  expect(asked).toHaveLength(1);
});

test('with PostgreSQL away the rest is shown, and no number that is not known', async () => {
  const away = connect('postgres://nobody:nothing@127.0.0.1:1/nowhere', {
    applicationName: 'test',
    maxConnections: 1,
  });
  const registry = new Registry();
  measureOpenBusiness(registry, away);
  expect(gaugesIn(await registry.metrics())).toEqual({ database_up: 0 });
  await away.destroy();
});

test('every count reads an index, never the whole of a table', async () => {
  const { db } = backend;
  const statements: { sql: string }[] = [];
  db.once('query', (query: { sql: string }) => statements.push(query));
  const registry = new Registry();
  measureOpenBusiness(registry, db);
  await registry.metrics();
  const plan = await db.transaction(async (trx) => {
    // On tables as small as these it would read them whole, and be right to.
    await trx.raw('SET LOCAL enable_seqscan = off');
    return await trx.raw<{ rows: { 'QUERY PLAN': string }[] }>(`EXPLAIN ${statements[0]!.sql}`);
  });
  const text = plan.rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(text).not.toContain('Seq Scan');
  for (const index of ['bookings_by_age', 'payments_one_under_way', 'refunds_open'])
    expect(text).toContain(index);
});
