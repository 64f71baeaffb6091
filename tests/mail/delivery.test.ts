import { randomUUID } from 'node:crypto';
import { MailDelivery } from '../../src/activities/mail/delivery';
import { mailActivities } from '../../src/activities/mail/activities';
import { waitUntil } from '../../src/cli/wait';
import { cancelBookedBooking } from '../../src/db/bookings/cancel-booked';
import { appendEvent } from '../../src/db/bookings/events';
import type { Db } from '../../src/db/connection';
import { claimMails } from '../../src/db/mails/claim';
import { settleMail } from '../../src/db/mails/settle';
import { turnMailOn } from '../../src/db/mails/switch';
import { takeMails } from '../../src/db/mails/take';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { startPayment } from '../../src/db/payments/card-payments';
import { SYSTEM } from '../../src/domain/booking-event';
import { retryDelayMs } from '../../src/domain/mail';
import { openMailServer, type MailServer } from '../../src/notifications/mail/smtp';
import type { BookingRequest } from '../../src/temporal/contracts/booking';
import { hold } from '../db/inventory';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { paymentFor, putFlightOnSale, type FlightOnSale } from '../support/flights';
import { SENDER } from '../support/mail-samples';
import { openMailbox, type TestMailServer } from '../support/mail-server';
import { PATIENCE_MS } from '../support/patience';

/** From the event of a booking to the mailbox of its contact: one mail each, whatever happens. */

let database: TestDatabase;
let db: Db;
let worker: Db;
let flight: FlightOnSale;
let mailbox: TestMailServer;
let server: MailServer;
let log: string[];

beforeEach(async () => {
  database = await createTestDatabase();
  db = database.knex;
  worker = database.as('worker');
  flight = await putFlightOnSale(db, { seats: 120 });
  mailbox = await openMailbox();
  server = serverOn(mailbox.port);
  log = [];
  await turnMailOn(worker);
});

afterEach(async () => {
  server.close();
  await mailbox.close();
  await database.drop();
});

const serverOn = (port: number) =>
  openMailServer(
    { host: '127.0.0.1', port, isSecure: false, requiresTls: false, login: null },
    SENDER,
  );

function dependencies(mail: MailServer = server) {
  const note = (level: string) => (message: string, details: object) =>
    log.push(`${level} ${message} ${JSON.stringify(details)}`);
  return {
    db: worker,
    mail: { server: mail, sender: SENDER },
    stopping: new AbortController().signal,
    logger: { info: note('info'), warn: note('warn'), error: note('error') },
    onResult: () => undefined,
  };
}

/** Delivers mails, as a worker does, until the condition holds. Returns what became of them. */
async function deliverUntil(isDone: () => boolean | Promise<boolean>, mail = server) {
  const end = new AbortController();
  const delivery = new MailDelivery(dependencies(mail), end.signal);
  const running = delivery.run();
  try {
    await waitUntil(isDone, {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => new Error(`The mails don't come: ${JSON.stringify(subjects())}`),
    });
  } finally {
    end.abort();
    await running;
  }
  return delivery.counts;
}

const subjects = () => mailbox.mails.map(({ email }) => email.subject?.split(':')[0]);

/** Once as many mails are settled. */
const settled = (count: number) => async () =>
  (await db('mails').whereNot({ status: 'due' })).length >= count;

/** Once it is on record that the server has refused a mail, for good or for now. */
const replied = (reply: number) => async () =>
  (await db('mails').where({ last_reply: reply })).length > 0;

const FIVE_DAYS_MS = 5 * 24 * 60 * 60 * 1000;

/** How often a mail is sent within five days, and put off each time. */
function attemptsInFiveDays(): number {
  let attempts = 0;
  for (let atMs = 0; atMs <= FIVE_DAYS_MS; atMs += retryDelayMs(attempts) ?? Infinity) attempts++;
  return attempts;
}

const ADA = 'ada@example.com';

const holdFor = (contactEmail: string | null, details: Partial<BookingRequest> = {}) =>
  hold(worker, flight, { contactEmail, customerId: `customer-${randomUUID()}`, ...details });

async function sell(request: BookingRequest): Promise<void> {
  const payment = paymentFor(request);
  await startPayment(worker, payment, 'sandbox');
  await confirmWithCardPayment(worker, payment, `spi_${randomUUID()}`);
}

async function cancel({ bookingId, customerId }: BookingRequest): Promise<void> {
  await cancelBookedBooking(worker, bookingId, {
    asOperator: false,
    actor: customerId,
    requestedAt: new Date(),
    ourProviders: ['sandbox'],
  });
}

async function referenceOf({ bookingId }: BookingRequest): Promise<string> {
  const row = await db('bookings').where({ id: bookingId }).first('reference');
  return row?.reference ?? '';
}

test('each event of a booking is one mail to its contact, in their order', async () => {
  const request = await holdFor(ADA);
  await sell(request);
  await cancel(request);
  await deliverUntil(settled(3));

  const reference = await referenceOf(request);
  expect(mailbox.mails.map(({ recipient }) => recipient)).toEqual([ADA, ADA, ADA]);
  expect(subjects()).toEqual([
    `Please pay for your booking ${reference}`,
    `Your booking ${reference} is confirmed`,
    `Your booking ${reference} is cancelled`,
  ]);
  expect(new Set(mailbox.mails.map(({ email }) => email.messageId)).size).toBe(3);
});

test('a changed booking is a mail with its new flights', async () => {
  const request = await holdFor(ADA);
  await sell(request);
  const { bookingId } = request;
  await appendEvent(worker, { bookingId, type: 'changed', actor: SYSTEM });
  await deliverUntil(settled(3));
  expect(subjects().at(-1)).toBe(`Your booking ${await referenceOf(request)} was changed`);
});

test('a booking without an address makes no mail, and no row', async () => {
  await sell(await holdFor(null));
  expect(await takeMails(worker)).toBe(0);
  expect(await db('outgoing_events')).toEqual([]);
  expect(await db('mails')).toEqual([]);
});

test('before there was a mail server, a booking with an address makes no row either', async () => {
  await db('mail_delivery').update({ is_on: false });
  await sell(await holdFor(ADA));
  expect(await db('outgoing_events')).toEqual([]);
  await turnMailOn(worker);
  await takeMails(worker);
  expect(await db('mails')).toEqual([]);
});

test('a sale that is rolled back makes no mail', async () => {
  const request = await holdFor(ADA);
  await takeMails(worker);
  await expect(
    worker.transaction(async (trx) => {
      const { bookingId } = request;
      await appendEvent(trx, { bookingId, type: 'booked', actor: SYSTEM });
      throw new Error('the rest of the sale fails');
    }),
  ).rejects.toThrow('the rest of the sale fails');
  await takeMails(worker);
  expect(await db('mails').select('kind')).toEqual([{ kind: 'held' }]);
});

test('an event whose mail could not be recorded is taken again, with it', async () => {
  await holdFor(ADA);
  await db.raw('REVOKE INSERT ON mails FROM flight_bookings_worker');
  await expect(takeMails(worker)).rejects.toThrow('permission denied');
  await db.raw('GRANT INSERT ON mails TO flight_bookings_worker');
  expect(await takeMails(worker)).toBe(1);
  expect(await db('mails').select('status')).toEqual([{ status: 'due' }]);
});

/** A mail that is sent, and on record as that. */
async function sentMail() {
  await holdFor(ADA);
  await takeMails(worker);
  const [mail] = await claimMails(worker, 1);
  if (mail === undefined) throw new Error('Bug: the mail is due');
  await settleMail(worker, mail, 'sent');
  return mail;
}

test('an event that is taken again makes no second mail', async () => {
  await sentMail();
  await db('outgoing_events').update({ mail_due: true });
  await expect(takeMails(worker)).resolves.toBe(1);
  expect(await db('mails').select('status')).toEqual([{ status: 'sent' }]);
});

test('two deliveries at once send each mail once', async () => {
  for (let count = 0; count < 12; count++) await holdFor(`guest-${String(count)}@example.com`);
  const other = serverOn(mailbox.port);
  await Promise.all([deliverUntil(settled(12)), deliverUntil(settled(12), other)]);
  other.close();
  const recipients = mailbox.mails.map(({ recipient }) => recipient);
  expect(recipients).toHaveLength(12);
  expect(new Set(recipients).size).toBe(12);
});

test('a mailbox that does not exist is asked once; the others get their mails', async () => {
  mailbox.behaviour.recipient = (address) => (address === ADA ? 550 : null);
  await holdFor(ADA);
  await holdFor('charles@example.com');
  expect(await deliverUntil(settled(2))).toEqual({ refused: 1, sent: 1 });
  expect(await db('mails').where({ status: 'refused' })).toMatchObject([
    { attempts: 1, last_reply: 550 },
  ]);
});

test('a mail that is put off by its server is sent again, under the same ID', async () => {
  const seen: string[] = [];
  mailbox.behaviour.message = ({ email }) => {
    seen.push(email.messageId ?? '');
    return seen.length === 1 ? 451 : null;
  };
  await holdFor(ADA);
  await deliverUntil(replied(451));
  const [mail] = await db('mails');
  expect(mail?.next_attempt_at?.getTime()).toBeGreaterThan(Date.now() + 20_000);

  await db('mails').update({ next_attempt_at: new Date() });
  await deliverUntil(settled(1));
  expect(seen).toHaveLength(2);
  expect(new Set(seen).size).toBe(1);
});

test('a mail that its server puts off for five days is given up', async () => {
  mailbox.behaviour.recipient = () => 450;
  await holdFor(ADA);
  await takeMails(worker);
  await db('mails').update({ attempts: attemptsInFiveDays() - 1 });
  expect(await deliverUntil(replied(450))).toEqual({ postponed: 1 });

  await db('mails').update({ next_attempt_at: new Date() });
  expect(await deliverUntil(settled(1))).toEqual({ expired: 1 });
});

test('a server that was away for days may put mails off as any other', async () => {
  mailbox.behaviour.recipient = () => 450;
  await holdFor(ADA);
  await takeMails(worker);
  await db('mails').update({ occurred_at: new Date(Date.now() - 2 * FIVE_DAYS_MS) });
  expect(await deliverUntil(replied(450))).toEqual({ postponed: 1 });

  mailbox.behaviour = {};
  await db('mails').update({ next_attempt_at: new Date() });
  expect(await deliverUntil(settled(1))).toEqual({ sent: 1 });
});

test('a server that is away for a while delays mails, and loses none', async () => {
  const { port } = mailbox;
  await mailbox.close();
  const requests = [await holdFor(ADA), await holdFor('charles@example.com')];
  const isNoted = () => log.some((line) => line.startsWith('warn The mail server takes no mails'));
  await deliverUntil(isNoted);
  expect(await db('mails').where({ status: 'due', attempts: 0 })).toHaveLength(2);

  mailbox = await openMailbox(port);
  const tenDaysAgo = new Date(Date.now() - 10 * 24 * 60 * 60 * 1000);
  await db('mails').update({ next_attempt_at: new Date(), occurred_at: tenDaysAgo });
  expect(await deliverUntil(settled(2))).toEqual({ sent: 2 });
  expect(mailbox.mails).toHaveLength(requests.length);
});

test('while the server is away it is asked for one mail, not for all', async () => {
  let asked = 0;
  mailbox.behaviour.sender = () => {
    asked += 1;
    return 451;
  };
  for (let count = 0; count < 40; count++) await holdFor(`guest-${String(count)}@example.com`);
  await deliverUntil(() => log.length > 0 && asked >= 6);
  // Five at first, then one with each look.
  expect(asked).toBeLessThan(10);
});

test('a mail whose process died before it was recorded is sent again, under the same ID', async () => {
  await holdFor(ADA);
  await takeMails(worker);
  // It claims and sends the mail, and is gone.
  const [claimed] = await claimMails(worker, 1);
  expect(claimed).toMatchObject({ kind: 'held', attempts: 1 });
  expect(await claimMails(worker, 1)).toEqual([]);
  await db('mails').update({ next_attempt_at: new Date() });
  await deliverUntil(settled(1));
  expect(mailbox.mails.map(({ email }) => email.messageId)).toEqual([
    `<${claimed?.id ?? ''}@airline.example>`,
  ]);
});

test('what was recorded as sent stays so, whoever comes later', async () => {
  const mail = await sentMail();
  await settleMail(worker, mail, 'refused', 550);
  expect(await db('mails').select('status')).toEqual([{ status: 'sent' }]);
});

test('an address gets ten mails about held seats a day, and every other mail', async () => {
  const requests: BookingRequest[] = [];
  for (let count = 0; count < 12; count++)
    requests.push(await holdFor(count % 2 === 0 ? ADA : 'Ada@Example.COM'));
  const [, , , , , , , , , , , last] = requests;
  if (last === undefined) throw new Error('Bug: there are twelve');
  await sell(last);
  await holdFor('charles@example.com');
  await deliverUntil(settled(14));

  expect(await db('mails').where({ status: 'withheld' }).select('kind')).toEqual([
    { kind: 'held' },
    { kind: 'held' },
  ]);
  const toAda = mailbox.mails.filter(({ recipient }) => recipient.toLowerCase() === ADA);
  expect(toAda).toHaveLength(11);
  const confirmed = toAda.filter(({ email }) => email.subject?.includes('is confirmed'));
  expect(confirmed).toHaveLength(1);
});

test.each([
  ['quotes and backslashes', [ADA, '"ada"@example.com', String.raw`"\a\d\a"@example.com`]],
  ['backslashes', ['"ada king"@example.com', String.raw`"ada\ \king"@example.com`]],
  ['an escaped quote', [String.raw`"a\"b"@example.com`, String.raw`"\a\"\b"@Example.com`]],
  ['a domain as DNS has it', ['ada@räucher.de', 'ada@RÄUCHER.DE', 'ada@xn--rucher-bua.de']],
])('so does one that is spelled in several ways: with %s', async (_, spellings) => {
  for (let count = 0; count < 12; count++)
    await holdFor(spellings[count % spellings.length] ?? ADA);
  await takeMails(worker);
  expect(await db('mails').where({ status: 'withheld' })).toHaveLength(2);
});

test('addresses that only look alike are counted apart', async () => {
  for (let count = 0; count < 10; count++) await holdFor('"ada king"@example.com');
  for (const other of ['"ada  king"@example.com', 'ada.king@example.com', 'ada king@example.com'])
    await holdFor(other);
  await takeMails(worker);
  expect(await db('mails').where({ status: 'withheld' })).toEqual([]);
});

test('a day later the address gets mails about held seats again', async () => {
  for (let count = 0; count < 10; count++) await holdFor(ADA);
  await takeMails(worker);
  const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
  await db('mails').update({ occurred_at: yesterday });
  await holdFor(ADA);
  await takeMails(worker);
  expect(await db('mails').where({ status: 'withheld' })).toEqual([]);
});

test('an address that was erased gets no mail any more', async () => {
  const { bookingId } = await holdFor(ADA);
  await takeMails(worker);
  await db('bookings').where({ id: bookingId }).update({ contact_email: null });
  expect(await deliverUntil(settled(1))).toEqual({ withheld: 1 });
  expect(mailbox.mails).toEqual([]);
});

test('neither rows nor log lines hold an address or a name', async () => {
  mailbox.behaviour.recipient = () => 550;
  await holdFor(ADA);
  await deliverUntil(settled(1));
  const rows = JSON.stringify([await db('mails'), await db('outgoing_events'), log]);
  expect(rows).not.toMatch(/ada|lovelace|example\.com/i);
});

test('a worker without a mail server leaves the mails to others', async () => {
  const { deliverMails } = mailActivities({ ...dependencies(), mail: undefined });
  await expect(deliverMails()).rejects.toThrow('SMTP_URL is not set');
});
