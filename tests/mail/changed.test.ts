import { randomUUID } from 'node:crypto';
import { sendMail } from '../../src/activities/mail/send';
import { reserve } from '../../src/db/bookings/reservations';
import type { Db } from '../../src/db/connection';
import { claimMails } from '../../src/db/mails/claim';
import { settleMail } from '../../src/db/mails/settle';
import { turnMailOn } from '../../src/db/mails/switch';
import { takeMails } from '../../src/db/mails/take';
import { failChange } from '../../src/db/changes/fail-change';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { startPayment } from '../../src/db/payments/card-payments';
import { openMailServer, type MailServer } from '../../src/notifications/mail/smtp';
import type { BookingRequest } from '../../src/temporal/contracts/booking';
import { putOnSale } from '../api/timetable';
import { terms } from '../db/inventory';
import { beginChange, changeBy, quoteChange } from '../db/making-changes';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { paymentFor } from '../support/flights';
import {
  itineraryRequest,
  putRoundTripOnSale,
  ROUND_TRIP_PRICE,
  WAY_BACK,
  type RoundTrip,
} from '../support/itineraries';
import { SENDER } from '../support/mail-samples';
import { openMailbox, type TestMailServer } from '../support/mail-server';

/** A round trip is changed to a dearer last flight, then to a cheap one; the mails of it are late. */

const DEARER = 'The change cost $65.00, which you have paid.';
const CHEAPER = 'We refund $105.00 to your original form of payment.';

let database: TestDatabase;
let db: Db;
let mailbox: TestMailServer;
let server: MailServer;
let trip: RoundTrip;
let booking: BookingRequest;
let dear: string;
let cheap: string;

beforeEach(async () => {
  database = await createTestDatabase();
  db = database.knex;
  mailbox = await openMailbox();
  server = openMailServer(
    { host: '127.0.0.1', port: mailbox.port, isSecure: false, requiresTls: false, login: null },
    SENDER,
  );
  await turnMailOn(db);
  trip = await putRoundTripOnSale(db);
  [dear = '', cheap = ''] = await putOnSale(
    db,
    [19_000, 6_000].map((price) => ({
      from: 'LAX',
      to: 'EWR',
      date: WAY_BACK,
      time: '17:00',
      cabins: [{ cabin: 'economy' as const, seats: 2, price }],
    })),
  );
  booking = itineraryRequest(trip.slices, { contactEmail: 'ada@example.com' });
  await reserve(db, booking, terms());
});

afterEach(async () => {
  server.close();
  await mailbox.close();
  await database.drop();
});

async function pay(): Promise<void> {
  const payment = paymentFor(booking, ROUND_TRIP_PRICE);
  await startPayment(db, payment, 'sandbox');
  await confirmWithCardPayment(db, payment, `spi_${randomUUID()}`);
}

async function beginChangeTo(last: string) {
  const exchange = { replaces: 1, flightIds: [trip.flightIds[2] ?? '', last] };
  const change = changeBy(booking, await quoteChange(db, booking, [exchange]));
  return { change, ...(await beginChange(db, change)) };
}

async function changeTo(last: string): Promise<void> {
  await (await beginChangeTo(last)).complete();
}

/** Sends all that is due, as after half an hour without a server. Returns what the mails say. */
async function sendLate(): Promise<Record<string, string[]>> {
  await takeMails(database.as('worker'));
  await db('mails').update({ occurred_at: new Date(Date.now() - 30 * 60_000) });
  const due = await claimMails(db, 10);
  const texts: Record<string, string[]> = {};
  for (const mail of due.toSorted((one, other) => one.sequence - other.sequence)) {
    await sendMail(database.as('worker'), mail, { server, sender: SENDER }, (fault) => {
      throw fault;
    });
    await settleMail(db, mail, 'sent');
    (texts[mail.kind] ??= []).push(mailbox.mails.at(-1)?.email.text ?? '');
  }
  return texts;
}

test('each mail about a change says what that one cost, and whether another came since', async () => {
  await pay();
  await changeTo(dear);
  await changeTo(cheap);
  const { changed: [first, second] = [] } = await sendLate();

  expect(first).toContain(DEARER);
  expect(first).not.toContain(CHEAPER);
  expect(first).toContain('Since then, this booking was changed again.');
  expect(second).toContain(CHEAPER);
  expect(second).not.toContain(DEARER);
  expect(second).not.toContain('Since then');
});

test('a change that fails, or is under way, costs nothing in the mail about another', async () => {
  await pay();
  const failed = await beginChangeTo(cheap);
  await failChange(db, failed.change, 'payment_not_completed');
  await changeTo(dear);
  await beginChangeTo(cheap);
  const { changed = [] } = await sendLate();

  expect(changed).toHaveLength(1);
  expect(changed[0]).toContain(DEARER);
  expect(changed[0]).not.toContain('Since then');
});

test('what changes cost is not mixed up by a worker whose clock is behind', async () => {
  await pay();
  await changeTo(dear);
  await db('changes').update({ decided_at: new Date(Date.now() + 60_000) });
  await changeTo(cheap);
  const { changed: [first, second] = [] } = await sendLate();
  expect(first).toContain(DEARER);
  expect(second).toContain(CHEAPER);
});

test('mails about what came before a change say that it came, too', async () => {
  await pay();
  await changeTo(dear);
  const { held = [], booked = [] } = await sendLate();
  expect(held[0]).toContain('Since then, this booking was paid for and changed.');
  expect(booked[0]).toContain('Since then, this booking was changed.');
});
