import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { freePort } from '../../scripts/stack/ports';
import { createDatabase, query } from '../../scripts/stack/postgres-cluster';
import { descendantsOf, isRunning } from '../../scripts/stack/processes';
import { waitUntil } from '../../src/cli/wait';
import { databaseUrl } from '../support/database';
import { devServerEnvironment } from '../support/temporal';
import { runInProduction, startInProduction, type ProductionProcess } from './process';
import { PATIENCE_MS } from '../support/patience';

/**
 * The way of a release, with its secrets in files: build, migrate, seed, `npm start`, sell, stop.
 */

const DATABASE = `production_${randomBytes(6).toString('hex')}`;
const AUTH = {
  secret: randomBytes(32).toString('hex'),
  issuer: 'https://issuer.example',
  audience: 'shops',
};

let temporal: TestWorkflowEnvironment;
let folder: string;
let env: Record<string, string>;
let api: string;
let service: ProductionProcess;
/** A customer's, from the command line. */
let token: string | undefined;

beforeAll(async () => {
  temporal = await devServerEnvironment();
  await createDatabase(databaseUrl('postgres'), DATABASE);
  folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-production-'));
  const port = await freePort();
  api = `http://127.0.0.1:${port}`;
  env = {
    PORT: String(port),
    DATABASE_URL_FILE: mount('database_url', databaseUrl(DATABASE)),
    TEMPORAL_ADDRESS: temporal.address,
    // Set to nothing, as Compose leaves what isn't set.
    TEMPORAL_API_KEY: '',
    TEMPORAL_TLS_CLIENT_CERT_PATH: '',
    DATA_DIR: folder,
    PAYLOAD_ENCRYPTION_KEYS_FILE: mount(
      'payload_encryption_keys',
      `k1:${randomBytes(32).toString('base64')}`,
    ),
    PAYMENT_PROVIDER: 'sandbox',
    ALLOW_SANDBOX_IN_PRODUCTION: 'true',
    METRICS_PORT: String(await freePort()),
    AUTH_JWT_SECRET_FILE: mount('auth_jwt_secret', AUTH.secret),
    AUTH_ISSUER: AUTH.issuer,
    AUTH_AUDIENCE: AUTH.audience,
  };
});

afterAll(async () => {
  await temporal.teardown();
  await query(databaseUrl('postgres'), `DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
  rmSync(folder, { recursive: true });
});

/** Puts a secret into a file, as an orchestrator does; answers where. */
function mount(name: string, secret: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, `${secret}\n`, { mode: 0o400 });
  return file;
}

test('the build migrates a new database, and puts a day on sale', async () => {
  const migrated = await flights('migrate');
  expect(migrated).toMatchObject({ exitCode: 0 });
  // It says what it changes before it does, and no password.
  expect(migrated.output).toMatch(
    new RegExp(`^On PostgreSQL \\S+/${DATABASE}, Temporal ${temporal.address} `),
  );
  expect(await flights('migrate')).toMatchObject({
    exitCode: 0,
    output: expect.stringMatching(/^Nothing to do$/m),
  });
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  expect(await flights('seed', '--days', '1', '--from', tomorrow)).toMatchObject({ exitCode: 0 });
});

test('`npm start` serves', async () => {
  service = startInProduction('npm', ['start'], env);
  let ended: string | undefined;
  void service.ending.then(({ output }) => (ended = output));
  await waitUntil(
    async () => {
      if (ended !== undefined) throw new Error(`It ended while starting:\n${ended}`);
      return await fetch(`${api}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    },
    { timeoutMs: PATIENCE_MS, onTimeout: () => new Error('The API is not ready') },
  );
  const info = await request('GET', '/api/v1/info');
  expect(info).toMatchObject({ status: 200, body: { apiVersion: 'v1', status: 'ok' } });
});

test('metrics are shown on ports of their own, and not where customers come', async () => {
  const port = Number(env.METRICS_PORT);
  const textOf = async (url: string) => await (await fetch(url)).text();
  expect(await textOf(`http://127.0.0.1:${port}/metrics`)).toContain('http_request_duration');
  // The API may be ready before the worker is.
  await waitUntil(
    async () =>
      (await textOf(`http://127.0.0.1:${port + 10}/metrics`).catch(() => '')).includes(
        'bookings_total',
      ),
    { timeoutMs: PATIENCE_MS, onTimeout: () => new Error('The worker shows no metrics') },
  );
  expect((await fetch(`${api}/metrics`)).status).toBe(404);
});

test('a seat is found, held and paid for', async () => {
  const [route] = await query<{ origin: string; destination: string; date: string }>(
    databaseUrl(DATABASE),
    'SELECT origin, destination, departure_date::text AS date FROM flights ORDER BY departure_at DESC LIMIT 1',
  );
  const search = await request(
    'GET',
    `/api/v1/flights?${new URLSearchParams({ ...route }).toString()}`,
  );
  expect(search.status).toBe(200);
  const [flight] = search.body.data as { id: string }[];

  const held = await request('POST', '/api/v1/bookings', {
    flightId: flight?.id,
    passengers: [{ givenName: 'Ada', familyName: 'Lovelace' }],
  });
  expect(held).toMatchObject({ status: 201, body: { status: 'pending' } });

  const { amount, currency } = held.body.price as { amount: number; currency: string };
  const payment = { bookingId: held.body.id, amount, currency, paymentMethod: 'pm_card_visa' };
  const paid = await request('POST', '/api/v1/bookings/payments', payment);
  expect(paid).toMatchObject({
    status: 201,
    body: { status: 'captured', bookingStatus: 'booked' },
  });
});

test('operators see what was sold, and that all books agree', async () => {
  const booked = await request('GET', '/api/v1/bookings');
  const [{ reference }] = booked.body.data as [{ reference: string }];
  const shown = await flights('show', reference);
  expect(shown).toMatchObject({ exitCode: 0, output: expect.stringContaining('They agree.') });
  const posted = await flights('ledger', '--booking', reference, '--json');
  const amounts = (JSON.parse(posted.output) as { amount: number }[]).map(({ amount }) => amount);
  expect(Math.max(...amounts)).toBeGreaterThan(0);
  expect(amounts.reduce((sum, amount) => sum + amount)).toBe(0);
  const audit = await flights('audit', '--json');
  expect(JSON.parse(audit.output)).toEqual({ ok: true, violations: [] });
  const reconciled = await flights('reconcile');
  expect(reconciled).toMatchObject({
    exitCode: 0,
    output: expect.stringContaining('All books agree.'),
  });
  const { exitCode, output } = await flights('cancel', reference, '--as', 'op-7');
  expect({ exitCode, output }).toMatchObject({
    exitCode: 2,
    output: expect.stringContaining('--reason'),
  });
});

test('SIGTERM ends it in good order, with nothing left behind', async () => {
  const parts = descendantsOf(service.pid);
  expect(parts.length).toBeGreaterThanOrEqual(2);
  const { exitCode, output } = await service.stop();
  expect(output).toContain('The API has stopped');
  expect(output).toContain('The worker has stopped');
  expect(exitCode).toBe(0);
  expect(parts.filter((pid) => isRunning(pid, 'dist/src'))).toEqual([]);
});

/** Runs the built command line, told of the system as the processes are. */
function flights(...args: string[]) {
  return runInProduction('dist/src/cli/main.js', env, args);
}

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

async function request(method: string, route: string, body?: unknown): Promise<Answer> {
  token ??= (await flights('token', '--sub', 'customer-1', '--expires-in', '5m')).output.trim();
  const response = await fetch(api + route, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'x-idempotency-key': randomUUID(),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}
