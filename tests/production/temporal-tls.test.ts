import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { freePort } from '../../scripts/stack/ports';
import { waitUntil } from '../../src/cli/wait';
import { clientOf } from '../api/client';
import { AUTH, tokenOf } from '../support/api';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { TEST_KEY } from '../support/encryption';
import { putFlightOnSale } from '../support/flights';
import { devServerEnvironment } from '../support/temporal';
import { certificateAuthority } from './certificates';
import { startInProduction, type ProductionProcess } from './process';
import { openTlsDoor } from './tls-door';
import { PATIENCE_MS } from '../support/patience';

/**
 * Temporal behind TLS, as a company's own or Temporal's cloud is: it asks for an API key and for a
 * certificate.
 */

const API_KEY = 'a-key-that-only-the-tests-know-of';

let temporal: TestWorkflowEnvironment;
let database: TestDatabase;
let folder: string;
let door: Awaited<ReturnType<typeof openTlsDoor>>;
let settings: Record<string, string>;
/** Trusted by nobody. */
let stranger: ReturnType<typeof certificateAuthority>;
/** Of these none may outlive the tests. */
const programs: ProductionProcess[] = [];

beforeAll(async () => {
  [temporal, database] = await Promise.all([devServerEnvironment(), createTestDatabase()]);
  folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-tls-'));
  const authority = certificateAuthority(folder, 'authority');
  stranger = certificateAuthority(folder, 'stranger');
  door = await openTlsDoor(temporal.address, authority.certify('temporal'), authority.cert);
  const ours = authority.certify('flight-bookings');
  const apiKeyFile = path.join(folder, 'temporal_api_key');
  writeFileSync(apiKeyFile, `${API_KEY}\n`);
  settings = {
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    WORKFLOW_BUNDLE: 'dist/workflow-bundle.js',
    TEMPORAL_ADDRESS: door.address,
    TEMPORAL_API_KEY_FILE: apiKeyFile,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: authority.cert,
    TEMPORAL_TLS_CLIENT_CERT_PATH: ours.cert,
    TEMPORAL_TLS_CLIENT_KEY_PATH: ours.key,
    PAYLOAD_ENCRYPTION_KEYS: TEST_KEY,
    PAYMENT_PROVIDER: 'sandbox',
    ALLOW_SANDBOX_IN_PRODUCTION: 'true',
    AUTH_JWT_SECRET: AUTH.secret,
    AUTH_ISSUER: AUTH.issuer,
    AUTH_AUDIENCE: AUTH.audience,
  };
});

afterAll(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  await door.close();
  await temporal.teardown();
  await database.drop();
  rmSync(folder, { recursive: true });
});

function start(part: 'api' | 'worker', more: Record<string, string> = {}): ProductionProcess {
  const program = startInProduction(process.execPath, [`dist/src/${part}/main.js`], {
    ...settings,
    ...more,
  });
  programs.push(program);
  return program;
}

/** Starts an API and waits until it says how it is; returns what it says, and where it is. */
async function startApi(more: Record<string, string> = {}) {
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  start('api', { PORT: port, ...more });
  const isUp = () =>
    fetch(`${url}/livez`).then(
      () => true,
      () => false,
    );
  await waitUntil(isUp, { timeoutMs: PATIENCE_MS, onTimeout: () => new Error('It never listens') });
  return url;
}

test('a booking is held through it: every call brings the key and the certificate', async () => {
  start('worker');
  const url = await startApi();
  // The first look may have to wait for a connection.
  await waitUntil(async () => (await clientOf(url).get('/readyz')).status === 200, {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('It is never ready'),
  });
  const isPolling = () => door.calls.some(({ method }) => method === 'PollWorkflowTaskQueue');
  await waitUntil(isPolling, { timeoutMs: PATIENCE_MS, onTimeout: () => new Error('No worker') });
  const customer = clientOf(url, await tokenOf({ sub: 'customer-1' }));
  const flight = await putFlightOnSale(database.knex, { seats: 1 });
  expect(await customer.create(flight)).toMatchObject({
    status: 201,
    body: { status: 'pending' },
  });

  const methods = door.calls.map(({ method }) => method);
  expect(methods).toEqual(
    expect.arrayContaining([
      ...['GetSystemInfo', 'ExecuteMultiOperation'],
      ...['PollWorkflowTaskQueue', 'RespondWorkflowTaskCompleted'],
    ]),
  );
  const credentials = door.calls.map(({ authorization, client }) =>
    [authorization, client].join(', '),
  );
  expect([...new Set(credentials)]).toEqual([`Bearer ${API_KEY}, flight-bookings`]);
});

describe('a server that an unknown authority has certified', () => {
  test('is not worked for: the worker says why, and ends', async () => {
    const worker = start('worker', { TEMPORAL_TLS_SERVER_CA_CERT_PATH: stranger.cert });
    const { exitCode, output } = await worker.ending;
    expect(output).toContain(`No connection to Temporal at ${door.address}: `);
    expect(output).toContain('InvalidCertificate(UnknownIssuer)');
    expect(output).not.toMatch(/^ +at /m);
    expect(output).not.toContain(API_KEY);
    expect(exitCode).toBe(1);
  });

  test('is not talked to: the API says that it lacks Temporal', async () => {
    const url = await startApi({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: stranger.cert });
    expect(await clientOf(url).get('/readyz')).toMatchObject({
      status: 503,
      body: { checks: { postgres: 'ok', temporal: 'unavailable' } },
    });
  });
});

test('a worker that Temporal fails while it starts ends, so that another one is started', async () => {
  door.refuses = (method) => method === 'DescribeNamespace';
  const { exitCode, output } = await start('worker').ending;
  door.refuses = () => false;
  expect(output).toContain('no usable database connection found');
  expect(exitCode).toBe(1);
});

test('a client that our authority has not certified is not let in', async () => {
  const { cert, key } = stranger.certify('nobody');
  const client = { TEMPORAL_TLS_CLIENT_CERT_PATH: cert, TEMPORAL_TLS_CLIENT_KEY_PATH: key };
  const { exitCode, output } = await start('worker', client).ending;
  expect(output).toContain(`No connection to Temporal at ${door.address}: `);
  expect(exitCode).toBe(1);
});
