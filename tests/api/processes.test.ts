import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { freePort } from '../../scripts/stack/ports';
import { waitUntil } from '../../src/cli/wait';
import { startInProduction, type ProductionProcess } from '../production/process';
import { AUTH, tokenOf } from '../support/api';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { TEST_KEY } from '../support/encryption';
import { putFlightOnSale } from '../support/flights';
import { devServerEnvironment } from '../support/temporal';
import { workflowBundle } from '../support/workflow-bundle';
import { clientOf, expectRefused, newKey, type Client } from './client';
import { PATIENCE_MS } from '../support/patience';

/**
 * The API and the worker as processes of their own: what they write into their logs, and how they
 * end.
 */

const NOWHERE = '127.0.0.1:1';

let env: TestWorkflowEnvironment;
let database: TestDatabase;
let folder: string;
let api: Process;
/** Of these none may outlive the tests, however a test ends. */
const programs: ProductionProcess[] = [];
let token: string;
let ada: Client;

interface Process {
  url: string;
  program: ProductionProcess;
}

beforeAll(async () => {
  const { codePath } = await workflowBundle();
  folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-processes-'));
  [env, database] = await Promise.all([devServerEnvironment(), createTestDatabase()]);
  start('worker', { WORKFLOW_BUNDLE: codePath });
  [api] = await Promise.all([startApi(), lineIn('worker', 'The worker is running')]);
  token = await tokenOf({ sub: `customer-${randomUUID()}` });
  ada = clientOf(api.url, token);
});

afterAll(async () => {
  const endings = await Promise.all(programs.map((program) => program.stop()));
  await env.teardown();
  await database.drop();
  rmSync(folder, { recursive: true });
  expect(endings.map(({ exitCode }) => exitCode)).toEqual(endings.map(() => 0));
});

function start(program: 'api' | 'worker', settings: Record<string, string> = {}) {
  const started = startInProduction(
    process.execPath,
    ['--import', 'tsx', `src/${program}/main.ts`],
    {
      DATABASE_URL: database.url,
      TEMPORAL_ADDRESS: env.address,
      LOG_DIR: folder,
      PAYLOAD_ENCRYPTION_KEYS: TEST_KEY,
      PAYMENT_PROVIDER: 'sandbox',
      ALLOW_SANDBOX_IN_PRODUCTION: 'true',
      AUTH_JWT_SECRET: AUTH.secret,
      AUTH_ISSUER: AUTH.issuer,
      AUTH_AUDIENCE: AUTH.audience,
      ...settings,
    },
  );
  programs.push(started);
  return started;
}

async function startApi(settings: Record<string, string> = {}): Promise<Process> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = start('api', { PORT: String(port), ...settings });
  const isUp = () =>
    fetch(`${url}/livez`).then(
      () => true,
      () => false,
    );
  await waitUntil(isUp, {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('The API does not listen'),
  });
  return { url, program };
}

type Line = Record<string, unknown>;

function logOf(service: 'api' | 'worker'): Line[] {
  const text = readFileSync(path.join(folder, `${service}.log`), { encoding: 'utf8', flag: 'a+' });
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}

/** Waits for a line of a log that holds the text. */
async function lineIn(service: 'api' | 'worker', text: string): Promise<Line> {
  let found: Line | undefined;
  await waitUntil(() => (found = logOf(service).find(holding(text))) !== undefined, {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error(`The log of the ${service} never held ${text}`),
  });
  return found as Line;
}

const holding = (text: string) => (line: Line) => JSON.stringify(line).includes(text);

describe('the log', () => {
  /** Nobody who reads it may learn these. */
  const SECRETS = {
    givenName: 'Plantedgivenname',
    familyName: 'Plantedfamilyname',
    email: 'planted@example.com',
    paymentMethod: 'pm_planted_4242424242424242',
    reason: 'Planted-reason',
  };
  const party = {
    passengers: [{ givenName: SECRETS.givenName, familyName: SECRETS.familyName }],
    contact: { email: SECRETS.email },
  };

  function expectNoSecrets(): void {
    const log = JSON.stringify([logOf('api'), logOf('worker')]);
    const signature = token.split('.')[2] ?? '';
    for (const secret of [...Object.values(SECRETS), token, signature]) {
      expect(log).not.toContain(secret);
    }
  }

  test('tells of every request by its ID, its route and the workflow that it was about', async () => {
    const { id } = await putFlightOnSale(database.knex, { seats: 6 });
    // One after another over one connection: none may be taken for the one before.
    for (const requestId of ['req-one', 'req-two', 'req-three']) {
      const body = { flightId: id, ...party };
      const headers = { 'x-request-id': requestId };
      const booking = (await ada.post<{ workflowId: string }>('/api/v1/bookings', body, headers))
        .body;
      expect(await lineIn('api', requestId)).toMatchObject({
        level: 'info',
        service: 'api',
        message: 'Answered',
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        method: 'POST',
        route: '/api/v1/bookings',
        status: 201,
        durationMs: expect.any(Number),
        requestId,
        workflowId: booking.workflowId,
      });
    }
    await ada.get('/nowhere', { 'x-request-id': 'req-lost' });
    expect(await lineIn('api', 'req-lost')).toMatchObject({ route: 'none', status: 404 });
  });

  test('holds no name, address, token, card or reason, however a request ends', async () => {
    const flight = await putFlightOnSale(database.knex, { seats: 6 });
    const { body: booking } = await ada.create(flight, party);
    const { paymentMethod, reason, givenName } = SECRETS;
    expectRefused(await ada.pay(booking, { paymentMethod }), 'payment_declined');
    await ada.cancel(booking, { reason });
    await ada.create(flight, { ...party, cabin: SECRETS.familyName });
    await ada.send('POST', '/api/v1/bookings', { body: `{"givenName": ${givenName}` });
    await ada.list(`?${givenName}=${SECRETS.email}`);
    await ada.get(`/${SECRETS.email}`, { 'x-request-id': 'req-last' });
    await lineIn('api', 'req-last');
    expectNoSecrets();
  });

  test('nor when an activity fails in the middle of a booking, which then goes on', async () => {
    const flight = await putFlightOnSale(database.knex, { seats: 6 });
    // PostgreSQL quotes the whole row that it refuses.
    await database.knex.raw(
      'ALTER TABLE passengers ADD CONSTRAINT nobody CHECK (position < 0) NOT VALID',
    );
    const answer = ada.create(flight, party);
    expect(await lineIn('worker', 'reserveSeats')).toMatchObject({
      level: 'warn',
      error: { code: '23514', message: expect.stringContaining('violates check constraint') },
      workflowId: expect.stringMatching(/^booking-/),
    });
    await database.knex.raw('ALTER TABLE passengers DROP CONSTRAINT nobody');
    const { status, body } = await answer;
    expect(status).toBe(201);
    expectNoSecrets();
    const handle = env.client.workflow.getHandle(body.workflowId);
    const { events } = await handle.fetchHistory();
    const failures = JSON.stringify(
      events?.map((event) => event.markerRecordedEventAttributes?.failure),
    );
    expect(failures).not.toContain(SECRETS.givenName);
  });
});

describe('when something is out of reach', () => {
  const lost = 'postgres://nobody:nothing@127.0.0.1:1/nowhere';

  test.each([
    ['PostgreSQL', { DATABASE_URL: lost }, { postgres: 'unavailable', temporal: 'ok' }],
    ['Temporal', { TEMPORAL_ADDRESS: NOWHERE }, { postgres: 'ok', temporal: 'unavailable' }],
    [
      'everything',
      { DATABASE_URL: lost, TEMPORAL_ADDRESS: NOWHERE },
      { postgres: 'unavailable', temporal: 'unavailable' },
    ],
  ])('%s: the API is up and says what it lacks', async (_, settings, checks) => {
    const { url, program } = await startApi({ LOG_DIR: path.join(folder, 'lost'), ...settings });
    const anyone = clientOf(url);
    expect(await anyone.get('/livez')).toMatchObject({ status: 200, body: { status: 'ok' } });
    const readiness = () => anyone.get<{ checks: object }>('/readyz');
    // The first look may have to wait for a connection.
    await waitUntil(async () => isDeepStrictEqual((await readiness()).body.checks, checks), {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => new Error('It never says so'),
    });
    expect(await readiness()).toMatchObject({
      status: 503,
      body: { status: 'unavailable', checks },
    });
    // A balancer doesn't judge by what all of its APIs share.
    const { postgres } = checks;
    const byPostgres = await anyone.get('/readyz?exclude=temporal');
    expect(byPostgres.body).toEqual({ status: postgres, checks: { postgres } });
    expect(byPostgres.status).toBe(postgres === 'ok' ? 200 : 503);
    const forBalancers = await anyone.get('/readyz?exclude=postgres&exclude=temporal');
    expect(forBalancers.body).toEqual({ status: 'ok', checks: {} });
    expect(forBalancers.status).toBe(200);
    if (postgres === 'unavailable') {
      expectRefused(await anyone.get(`/api/v1/flights/${randomUUID()}`), 'service_unavailable');
      expectRefused(await clientOf(url, token).list(), 'service_unavailable');
    }
    expect((await program.stop()).exitCode).toBe(0);
  });
});

test('an API that is told to stop answers a payment that is under way, then ends', async () => {
  const leaving = await startApi();
  const bea = clientOf(leaving.url, token);
  const flight = await putFlightOnSale(database.knex, { seats: 6 });
  const { body: booking } = await bea.create(flight);
  const key = newKey();
  const payment = bea.pay(booking, { paymentMethod: 'pm_sandbox_slow' }, key);
  await waitUntil(async () => (await ada.read(booking.id)).body.payment?.status === 'processing', {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('The payment never started'),
  });
  const stopped = leaving.program.stop();
  expect(await payment).toMatchObject({ status: 201, body: { status: 'captured' } });
  expect((await stopped).exitCode).toBe(0);
  await expect(fetch(`${leaving.url}/livez`)).rejects.toThrow();
});

test('an API that is told to stop first says so, and serves until the load balancer has seen it', async () => {
  const delayMs = 5_000;
  const leaving = await startApi({ SHUTDOWN_DELAY_SECONDS: String(delayMs / 1_000) });
  const bea = clientOf(leaving.url, token);
  const flight = await putFlightOnSale(database.knex, { seats: 6 });
  const partingOf = ({ headers }: { headers: Headers }) => headers.get('connection');
  const before = await bea.get('/readyz');
  expect({ status: before.status, parting: partingOf(before) }).toEqual({
    status: 200,
    parting: 'keep-alive',
  });

  const toldAt = Date.now();
  const stopped = leaving.program.stop();
  const isLeaving = async () => (await bea.get('/readyz')).status === 503;
  await waitUntil(isLeaving, {
    timeoutMs: delayMs,
    intervalMs: 10,
    onTimeout: () => new Error('It never said that it leaves'),
  });
  const forBalancers = await bea.get('/readyz?exclude=postgres&exclude=temporal');
  expect(forBalancers).toMatchObject({ status: 503, body: { status: 'unavailable', checks: {} } });
  expect((await bea.get('/livez')).status).toBe(200);
  const held = await bea.create(flight);
  expect(held).toMatchObject({ status: 201, body: { status: 'pending' } });
  expect([forBalancers, held].map(partingOf)).toEqual(['close', 'close']);

  expect((await stopped).exitCode).toBe(0);
  expect(Date.now() - toldAt).toBeGreaterThanOrEqual(delayMs);
  await expect(fetch(`${leaving.url}/livez`)).rejects.toThrow();
});
