import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { freePort } from '../../scripts/stack/ports';
import { isPolling } from '../../scripts/stack/temporal-service';
import { mintToken } from '../../src/cli/mint';
import { waitUntil } from '../../src/cli/wait';
import { connect, type Db } from '../../src/db/connection';
import { countWaitingMails } from '../../src/db/mails/waiting-view';
import type { Booking } from '../../src/domain/booking';
import { MAIL_DELIVERY_WORKFLOW_ID } from '../../src/temporal/contracts/mail';
import { clientOf } from '../api/client';
import {
  newPlace,
  removePlace,
  startDevStack,
  type DevStack,
  type Place,
} from '../support/dev-stack';
import { putFlightOnSale, type FlightOnSale } from '../support/flights';
import { openMailbox, type TestMailServer } from '../support/mail-server';
import { workflowBundle } from '../support/workflow-bundle';
import { PATIENCE_MS } from '../support/patience';

/** Mails to contacts of bookings, on the whole system as `npm run dev` starts it. */

const PASSENGER = { givenName: 'Wilhelmina', familyName: 'Featherstonehaugh' };

let place: Place;
let stack: DevStack;
let mailbox: TestMailServer;
let db: Db;
let connection: Connection;
let flight: FlightOnSale;
let metricsPort: number;

beforeAll(async () => {
  place = await newPlace();
  mailbox = await openMailbox();
  metricsPort = await freePort();
  const { codePath } = await workflowBundle();
  stack = await startDevStack(place, {
    SCHEDULE_DAYS: '1',
    WORKFLOW_BUNDLE: codePath,
    SMTP_URL: `smtp://127.0.0.1:${String(mailbox.port)}`,
    MAIL_FROM: 'Airline <mail@airline.example>',
    METRICS_PORT: String(metricsPort),
  });
  db = connect(required('DATABASE_URL'), { applicationName: 'test', maxConnections: 2 });
  flight = await putFlightOnSale(db, { seats: 60 });
  connection = Connection.lazy({ address: required('TEMPORAL_ADDRESS') });
});

afterAll(async () => {
  await connection.close();
  await db.destroy();
  await stack.stop();
  await mailbox.close();
  removePlace(place);
});

beforeEach(() => {
  mailbox.mails = [];
  mailbox.behaviour = {};
});

function required(name: keyof DevStack['env']): string {
  const value = stack.env[name];
  if (value === undefined) throw new Error(`Bug: the stack's dev.env has no ${name}`);
  return value;
}

/** A customer of their own for each booking, so that none gets to a limit. */
async function customer() {
  const signing = {
    secret: required('AUTH_JWT_SECRET'),
    issuer: required('AUTH_ISSUER'),
    audience: required('AUTH_AUDIENCE'),
  };
  const claims = { sub: `customer-${randomUUID()}`, scope: 'bookings', expiresIn: '1h' };
  return clientOf(stack.url, await mintToken(signing, claims));
}

const newAddress = () => `w.featherstonehaugh+${randomUUID()}@privacy.example`;

async function hold(email: string) {
  const who = await customer();
  const { status, body } = await who.create(flight, {
    passengers: [PASSENGER],
    contact: { email },
  });
  expect({ status, body }).toMatchObject({ status: 201, body: { status: 'pending' } });
  return { who, booking: body };
}

const mailsTo = (email: string) => mailbox.mails.filter(({ recipient }) => recipient === email);

async function untilMails(email: string, count: number): Promise<void> {
  await waitUntil(() => mailsTo(email).length >= count, {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error(`${String(mailsTo(email).length)} of ${String(count)} mails came`),
  });
}

/** Until nothing is left to be sent, nor to be made a mail of. */
async function untilAllIsRecorded(): Promise<void> {
  await waitUntil(async () => (await countWaitingMails(db)).due === 0, {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('Mails are still due'),
  });
}

async function workerWorks(): Promise<void> {
  const queue = {
    connection: { address: required('TEMPORAL_ADDRESS') },
    namespace: 'default',
    taskQueue: 'bookings',
  };
  await waitUntil(() => isPolling(queue, String(stack.pidOf('worker'))), {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('The worker does not come back'),
  });
}

test('who books, pays and cancels gets one mail for each: held, confirmed, cancelled', async () => {
  const email = newAddress();
  const { who, booking } = await hold(email);
  await untilMails(email, 1);
  expect(await who.pay(booking)).toMatchObject({ status: 201 });
  await untilMails(email, 2);
  const cancelled = await who.post<Booking>(`/api/v1/bookings/${booking.id}/cancel`, {});
  expect(cancelled).toMatchObject({ status: 200, body: { status: 'cancelled' } });
  await untilMails(email, 3);
  await untilAllIsRecorded();

  const mails = mailsTo(email).map(({ email: mail }) => mail);
  expect(mails.map(({ subject }) => subject?.split(':')[0])).toEqual([
    `Please pay for your booking ${booking.reference}`,
    `Your booking ${booking.reference} is confirmed`,
    `Your booking ${booking.reference} is cancelled`,
  ]);
  expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(3);
  expect(mails[1]?.text).toContain('Wilhelmina Featherstonehaugh');
  expect(mails[1]?.attachments).toMatchObject([{ filename: 'flights.ics' }]);
  expect(mails[0]?.from).toMatchObject({ name: 'Airline', address: 'mail@airline.example' });
});

test('a worker that is killed after the server took the mail sends it again under the same ID', async () => {
  const email = newAddress();
  let isKilled = false;
  mailbox.behaviour.beforeAcceptance = async ({ recipient }) => {
    if (recipient !== email || isKilled) return;
    isKilled = true;
    // The mail is in the mailbox, and the worker never hears of it.
    await stack.kill('worker');
  };
  await hold(email);
  await untilMails(email, 2);
  await untilAllIsRecorded();
  const mails = mailsTo(email).map(({ email: mail }) => mail);
  expect(mails).toHaveLength(2);
  expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(1);
});

test('a worker that is killed before, or after, costs no mail and doubles none', async () => {
  const emails = Array.from({ length: 6 }, newAddress);
  for (const email of emails.slice(0, 3)) await hold(email);
  await untilAllIsRecorded();
  await stack.kill('worker');
  await workerWorks();
  for (const email of emails.slice(3)) await hold(email);
  for (const email of emails) await untilMails(email, 1);
  await untilAllIsRecorded();
  for (const email of emails) expect(mailsTo(email)).toHaveLength(1);
});

test('while the mail server is away bookings are made as ever; then every mail comes', async () => {
  const { port } = mailbox;
  await mailbox.close();
  const emails = [newAddress(), newAddress()];
  for (const email of emails) {
    const { who, booking } = await hold(email);
    expect(await who.pay(booking)).toMatchObject({ status: 201 });
  }
  mailbox = await openMailbox(port);
  for (const email of emails) await untilMails(email, 2);
  await untilAllIsRecorded();
  for (const email of emails) expect(mailsTo(email)).toHaveLength(2);
});

test('the delivery is one workflow, whose history does not grow with the mails', async () => {
  const client = new Client({ connection });
  const handle = client.workflow.getHandle(MAIL_DELIVERY_WORKFLOW_ID);
  expect(await handle.describe()).toMatchObject({ status: { name: 'RUNNING' } });
  const lengthNow = async () => (await handle.describe()).historyLength;
  const before = await lengthNow();
  const emails = Array.from({ length: 5 }, newAddress);
  for (const email of emails) await hold(email);
  for (const email of emails) await untilMails(email, 1);
  expect(await lengthNow()).toBeLessThanOrEqual(before + 1);
});

/** Every file below a folder, as text. */
function textsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'utf8'));
}

test('no address and no name is in a log, a metric or the history of the delivery', async () => {
  mailbox.behaviour.recipient = () => 550;
  await hold(newAddress());
  let shown = '';
  await waitUntil(
    async () => {
      const metrics = await fetch(`http://127.0.0.1:${String(metricsPort)}/metrics`);
      shown = await metrics.text();
      return /mails_total\{kind="held",result="refused"\} [1-9]/.test(shown);
    },
    { timeoutMs: PATIENCE_MS, onTimeout: () => new Error('No mail was refused') },
  );
  await untilAllIsRecorded();
  const client = new Client({ connection });
  const history = await client.workflow.getHandle(MAIL_DELIVERY_WORKFLOW_ID).fetchHistory();
  for (const text of [
    ...textsIn(path.join(place.dataDir, 'logs')),
    stack.output(),
    shown,
    JSON.stringify(history),
    JSON.stringify(await db('mails')),
  ])
    expect(text).not.toMatch(/featherstonehaugh|wilhelmina|privacy\.example/i);
});
