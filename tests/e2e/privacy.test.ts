import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { resolveProgram } from '../../scripts/stack/binaries';
import { runCommand } from '../../scripts/stack/commands';
import type { DevEnv } from '../../scripts/stack/dev-env';
import { freePort } from '../../scripts/stack/ports';
import { TEMPORAL_CLI } from '../../scripts/stack/programs';
import { mintToken } from '../../src/cli/mint';
import { EncryptionKeys } from '../../src/config';
import { connect } from '../../src/db/connection';
import { eraseCustomer } from '../../src/db/personal-data/erase';
import type { Booking } from '../../src/domain/booking';
import { erasableBefore } from '../../src/domain/retention';
import {
  BOOKING_WORKFLOW,
  bookingWorkflowId,
  paymentReceived,
} from '../../src/temporal/contracts/booking';
import { createEncryptionCodec } from '../../src/temporal/encryption/codec';
import { clientOf } from '../api/client';
import {
  newPlace,
  removePlace,
  startDevStack,
  type DevStack,
  type Place,
} from '../support/dev-stack';
import { encryptionKey } from '../support/encryption';
import { putFlightOnSale, requestOf, type FlightOnSale } from '../support/flights';
import { findInTables } from '../support/planted-words';
import { workflowBundle } from '../support/workflow-bundle';
import { seen } from './local-shop';
import { PATIENCE_MS } from '../support/patience';

/**
 * Who travels stays between us and our database: Temporal, whoever runs it, and our logs don't
 * know. On the whole system, as `npm run dev` starts it.
 */

const PASSENGER = {
  givenName: 'Wilhelmina',
  familyName: 'Featherstonehaugh',
  type: 'adult',
  title: 'Viscountess',
  bornOn: '1947-11-23',
  loyaltyNumber: 'ZZ-90210',
} as const;
/** The name is booked with a wrong letter, and corrected. */
const CORRECTED = 'Featherstonhaugh';
const PHONE = '+12125550142';
const METADATA = { nickname: 'Minnie-of-the-privacy-suite' };
const EMAIL = 'w.featherstonehaugh@privacy.example';
const IDEMPOTENCY_KEY = 'token-of-wilhelmina-1789';
const PAYMENT_METHOD = 'pm_card_visa';
const { type: _, ...WORDS } = PASSENGER;
const SECRETS = [
  ...Object.values(WORDS),
  ...[EMAIL, PHONE, METADATA.nickname, IDEMPOTENCY_KEY, PAYMENT_METHOD],
];

let place: Place;
let stack: DevStack;
let connection: Connection;
let flight: FlightOnSale;
/** Ports at which the worker shows its own metrics and those of Temporal's SDK. */
let workerMetrics: number;
let temporalMetrics: number;

/** Starts the system with these keys; the first one encrypts. */
async function start(...keys: string[]): Promise<void> {
  const { codePath } = await workflowBundle();
  stack = await startDevStack(place, {
    SCHEDULE_DAYS: '1',
    WORKFLOW_BUNDLE: codePath,
    PAYLOAD_ENCRYPTION_KEYS: keys.map(encryptionKey).join(),
    METRICS_PORT: String(workerMetrics),
    TEMPORAL_METRICS_PORT: String(temporalMetrics),
  });
}

beforeAll(async () => {
  place = await newPlace();
  workerMetrics = await freePort();
  temporalMetrics = await freePort();
  await start('k1');
  connection = Connection.lazy({ address: required('TEMPORAL_ADDRESS') });
  const db = connect(required('DATABASE_URL'), { applicationName: 'test', maxConnections: 2 });
  flight = await putFlightOnSale(db, { seats: 12 }).finally(() => db.destroy());
});

afterAll(async () => {
  await connection.close();
  await stack.stop();
  removePlace(place);
});

function required(name: keyof DevEnv): string {
  const value = stack.env[name];
  if (value === undefined) throw new Error(`Bug: the stack's dev.env has no ${name}`);
  return value;
}

async function tokenOf(scope: 'bookings' | 'operator'): Promise<string> {
  const signing = {
    secret: required('AUTH_JWT_SECRET'),
    issuer: required('AUTH_ISSUER'),
    audience: required('AUTH_AUDIENCE'),
  };
  return mintToken(signing, { sub: 'wilhelmina', scope, expiresIn: '1h' });
}

async function customer() {
  return clientOf(stack.url, await tokenOf('bookings'));
}

async function hold(key: string = randomUUID()): Promise<Booking> {
  const details = {
    passengers: [PASSENGER],
    contact: { email: EMAIL, phone: PHONE },
    metadata: METADATA,
  };
  const { status, body } = await (await customer()).create(flight, details, key);
  expect({ status, body }).toMatchObject({ status: 201, body: { passengers: [PASSENGER] } });
  return body;
}

async function correct(booking: Booking): Promise<void> {
  const path = `/api/v1/bookings/${booking.id}/passengers/${booking.passengers[0]?.id ?? ''}`;
  const body = { familyName: CORRECTED };
  const answer = await (await customer()).send<Booking>('PATCH', path, { body });
  expect(answer).toMatchObject({ status: 200, body: { passengers: [body] } });
}

async function pay(booking: Booking): Promise<void> {
  const details = { paymentMethod: PAYMENT_METHOD };
  const answer = await (await customer()).pay(booking, details, `${IDEMPOTENCY_KEY}-${booking.id}`);
  expect(answer).toMatchObject({ status: 201, body: { bookingStatus: 'booked' } });
}

/** Temporal as someone sees it who has no key. */
function withoutKey() {
  const client = new Client({ connection });
  return {
    client,
    historyOf: async (workflowId: string) =>
      (await client.workflow.getHandle(workflowId).fetchHistory()).events ?? [],
    list: () => client.workflowService.listWorkflowExecutions({ namespace: 'default' }),
  };
}

/** Every text in it, however deep, and every byte taken for a letter. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof Uint8Array) return [Buffer.from(value).toString('latin1')];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...textsIn(inner)]);
}

function filesIn(...folders: string[]): string[] {
  const folder = path.join(place.dataDir, ...folders);
  return readdirSync(folder).map((file) => readFileSync(path.join(folder, file), 'latin1'));
}

/** Which of them can be read there. */
function found(words: string[], texts: string[]): string[] {
  return words.filter((word) => texts.some((text) => text.includes(word)));
}

/** The names of the keys that a history needs, in the order of their first use. */
function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { 'encryption-key-id': id } = value as { 'encryption-key-id'?: Uint8Array };
  if (id !== undefined) return [Buffer.from(id).toString()];
  return [...new Set(Object.values(value).flatMap(keysOf))];
}

/**
 * All that Temporal's own command line tells of a booking, with a token for our codec server or
 * without one.
 */
async function showHistory(booking: Booking, token?: string): Promise<string[]> {
  const decoding = [
    '--codec-endpoint',
    `${stack.url}/codec`,
    '--codec-auth',
    `Bearer ${token ?? ''}`,
  ];
  const { stdout } = await runCommand(
    await resolveProgram(TEMPORAL_CLI),
    [
      ...['workflow', 'show', '--address', required('TEMPORAL_ADDRESS'), '--output', 'json'],
      ...['--workflow-id', booking.workflowId],
      ...(token === undefined ? [] : decoding),
    ],
    { timeoutMs: PATIENCE_MS },
  );
  const payloads = [...stdout.matchAll(/"data": "(.*?)"/g)].map(([, data = '']) => data);
  expect(payloads.length).toBeGreaterThan(0);
  return [stdout, ...payloads.map((data) => Buffer.from(data, 'base64').toString())];
}

test('neither the history, nor the list, nor the files of Temporal, nor any log tell who travels and how they paid', async () => {
  const booking = await hold(IDEMPOTENCY_KEY);
  await correct(booking);
  await pay(booking);
  const { historyOf, list } = withoutKey();
  await seen('the booking as booked: its timer until departure is the second', async () => {
    const history = JSON.stringify(await historyOf(booking.workflowId));
    return history.split('timerStartedEventAttributes').length > 2;
  });
  const logs = filesIn('logs');
  expect(found([booking.workflowId], logs)).toHaveLength(1);
  const secrets = [...SECRETS, CORRECTED];
  expect(found(secrets, logs)).toEqual([]);
  expect(found(secrets, textsIn(await historyOf(booking.workflowId)))).toEqual([]);
  expect(found(secrets, textsIn(await list()))).toEqual([]);
  expect(found(secrets, filesIn('temporal'))).toEqual([]);
});

test('no metrics tell who travels and how they paid', async () => {
  await pay(await hold());
  const shown = await Promise.all([
    textOf(`${stack.url}/metrics`),
    textOf(`http://127.0.0.1:${workerMetrics}/metrics`),
    textOf(`http://127.0.0.1:${temporalMetrics}/metrics`),
  ]);
  // The search does find what is there: the route that was called, the booking that was counted,
  // the step that was taken.
  const [api, worker, temporal] = shown.map((text) => [text]);
  expect(found(['/api/v1/bookings/payments'], api ?? [])).toHaveLength(1);
  expect(found(['status="booked"'], worker ?? [])).toHaveLength(1);
  expect(found(['payByCard'], temporal ?? [])).toHaveLength(1);
  expect(found([...SECRETS, 'wilhelmina', await tokenOf('bookings')], shown)).toEqual([]);
});

async function textOf(url: string): Promise<string> {
  const answer = await fetch(url);
  expect(answer.status).toBe(200);
  return answer.text();
}

test('what comes unencrypted is read as it is, and found where the rest is not', async () => {
  const { client, historyOf, list } = withoutKey();
  const request = requestOf(flight, {
    passengers: [PASSENGER],
    contactEmail: EMAIL,
    contactPhone: PHONE,
    metadata: METADATA,
    idempotencyKey: IDEMPOTENCY_KEY,
  });
  const workflowId = bookingWorkflowId(request.bookingId);
  await client.workflow.start(BOOKING_WORKFLOW, {
    workflowId,
    taskQueue: 'bookings',
    args: [request],
    memo: { paymentMethod: PAYMENT_METHOD },
  });
  await seen('the seat as held', async () => {
    return found(['reserveSeats'], textsIn(await historyOf(workflowId))).length === 1;
  });
  const told = SECRETS.filter((secret) => secret !== PAYMENT_METHOD);
  expect(found(SECRETS, textsIn(await historyOf(workflowId)))).toEqual(SECRETS);
  expect(found(SECRETS, filesIn('temporal'))).toEqual(SECRETS);
  await seen('the memo in the list', async () => {
    return found([PAYMENT_METHOD], textsIn(await list())).length === 1;
  });
  expect(found(told, textsIn(await list()))).toEqual([]);
});

test('a failure keeps its type in clear, which code goes by, and its words to those who have a key', async () => {
  const booking = await hold();
  const key = `${IDEMPOTENCY_KEY}-${randomUUID()}`;
  // The provider fails twice, then takes the money.
  await (await customer()).pay(booking, { paymentMethod: 'pm_sandbox_error' }, key);
  const failures = (await withoutKey().historyOf(booking.workflowId)).flatMap(
    ({ activityTaskStartedEventAttributes: started }) => started?.lastFailure ?? [],
  );
  expect(failures[0]).toMatchObject({
    message: 'Encoded failure',
    stackTrace: '',
    applicationFailureInfo: { type: 'ProviderUnavailable' },
  });
  expect(keysOf(failures)).toEqual(['k1']);
});

test('a refusal is told in clear, since forms show it that decode nothing: its words are ours, and name nobody', async () => {
  const { client, historyOf } = withoutKey();
  const workflowId = bookingWorkflowId(randomUUID());
  const args = [{ passengers: [PASSENGER], contactEmail: EMAIL }];
  await client.workflow.start(BOOKING_WORKFLOW, { workflowId, taskQueue: 'bookings', args });
  await expect(client.workflow.result(workflowId)).rejects.toThrow();
  const { failure } =
    (await historyOf(workflowId)).at(-1)?.workflowExecutionFailedEventAttributes ?? {};
  expect(failure).toMatchObject({
    message: expect.stringMatching(/^bookingWorkflow takes \{ bookingId, /) as string,
    stackTrace: '',
    applicationFailureInfo: { type: 'validation_failed' },
  });
  expect(found(SECRETS, textsIn(failure))).toEqual([]);
});

test('keys are changed with bookings under way: one that is taken away too early loses nothing, and operators read both sorts', async () => {
  const [underWay, paidMeanwhile] = [await hold(), await hold()];
  const { client, historyOf } = withoutKey();

  await stack.stop();
  await start('k2');
  const { amount, currency } = paidMeanwhile.price;
  const transfer = { amount, currency, provider: 'partner', providerPaymentId: 'transfer-1' };
  await client.workflow.getHandle(paidMeanwhile.workflowId).signal(paymentReceived, transfer);
  const problem = await seenTaskFailure(paidMeanwhile.workflowId);
  expect(problem).toContain('with the key \\"k1\\": this worker does not have that key');

  await stack.stop();
  await start('k2', 'k1');
  await pay(underWay);
  await seen('the booking as booked', async () => {
    const { body } = await (await customer()).read(paidMeanwhile.id);
    return body.status === 'booked';
  });
  const later = await hold();
  expect(keysOf(await historyOf(underWay.workflowId))).toEqual(['k1', 'k2']);
  expect(keysOf(await historyOf(later.workflowId))).toEqual(['k2']);
  for (const booking of [underWay, later]) {
    const operator = await showHistory(booking, await tokenOf('operator'));
    expect(found([PASSENGER.familyName, EMAIL], operator)).toHaveLength(2);
    expect(found(SECRETS, await showHistory(booking))).toEqual([]);
  }
  expect(found(SECRETS, filesIn('logs'))).toEqual([]);
});

/**
 * Waits until a worker could not go on with a booking; returns why, as those know who have the key
 * `k2`.
 */
async function seenTaskFailure(workflowId: string): Promise<string> {
  const failure = async () =>
    (await withoutKey().historyOf(workflowId)).flatMap(
      ({ workflowTaskFailedEventAttributes: failed }) => failed?.failure?.encodedAttributes ?? [],
    );
  await seen('the failure of a task', async () => (await failure()).length > 0);
  const codec = createEncryptionCodec(EncryptionKeys.parse(encryptionKey('k2')));
  return textsIn(await codec.decode(await failure())).join();
}

test('of a customer who is erased no table holds a word, and operators search by body, so no log does', async () => {
  const booking = await hold();
  await correct(booking);
  await pay(booking);
  const operator = clientOf(stack.url, await tokenOf('operator'));
  const criteria = { familyName: CORRECTED, contactEmail: EMAIL };
  const listed = await operator.post<{ data: Booking[] }>('/api/v1/bookings/search', criteria);
  expect(listed.body.data.map(({ id }) => id)).toContain(booking.id);

  const db = connect(required('DATABASE_URL'), { applicationName: 'test', maxConnections: 2 });
  try {
    const words = [...Object.values(WORDS), CORRECTED, EMAIL, PHONE, METADATA.nickname];
    // Holds of other tests are paid for or cancelled, as their deadline would do.
    await db.transaction(async (trx) => {
      const unpaid = trx('bookings').where({ status: 'pending' }).select('id');
      await trx('seats').whereIn('booking_id', unpaid).update({ state: 'free', booking_id: null });
      await trx('bookings')
        .where({ status: 'pending' })
        .update({ status: 'cancelled', cancellation_reason: 'payment_expired' });
    });
    const departure_at = new Date(Date.now() - 8 * 24 * 60 * 60 * 1000);
    await db('flights').where({ id: flight.id }).update({ departure_at });
    expect((await findInTables(db, words)).length).toBeGreaterThan(0);
    for (const { customer_id: id } of await db('bookings').distinct('customer_id')) {
      const now = new Date();
      const { waiting } = await eraseCustomer(db, id, {
        requestedAt: now,
        before: erasableBefore(now),
      });
      expect(waiting).toBe(0);
    }
    expect(await findInTables(db, words)).toEqual([]);
  } finally {
    await db.destroy();
  }
  expect(found([...SECRETS, CORRECTED], filesIn('logs'))).toEqual([]);
});
