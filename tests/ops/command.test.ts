import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runCommand, type CommandResult } from '../../scripts/stack/commands';
import { databaseUrl } from '../support/database';
import { TEST_KEY } from '../support/encryption';
import { STARTING_MS } from '../support/shop';
import { openCounter, type Counter } from './counter';

/**
 * `flights` as it is typed, in a clone where nothing was ever started: the environment names its
 * system.
 */

let counter: Counter;
const dataDir = path.join(os.tmpdir(), `flight-bookings-ops-${randomUUID()}`);

beforeAll(async () => {
  counter = await openCounter();
}, STARTING_MS);

afterAll(() => counter.close(), STARTING_MS);

async function npmRunFlights(
  env: Record<string, string>,
  ...args: string[]
): Promise<CommandResult> {
  const variables = Object.entries({ DATA_DIR: dataDir, ...env }).map(
    ([name, value]) => `${name}=${value}`,
  );
  const command = ['npm', 'run', '--silent', 'flights', '--', ...args];
  return runCommand('env', [...variables, ...command], { timeoutMs: 100_000 });
}

async function system(): Promise<Record<string, string>> {
  const { rows } = await counter.db.raw<{ rows: [{ name: string }] }>(
    'SELECT current_database() AS name',
  );
  return {
    DATABASE_URL: databaseUrl(rows[0].name),
    TEMPORAL_ADDRESS: counter.env.address,
    PAYLOAD_ENCRYPTION_KEYS: TEST_KEY,
  };
}

test('acts on the system that the environment names, and the workflow’s history says who did', async () => {
  const { booking } = await counter.holdSeat();
  const args = ['cancel', booking.reference, '--reason', 'aircraft change', '--as', 'op-7'];
  const { exitCode, stdout, stderr } = await npmRunFlights(await system(), ...args);
  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: `${booking.reference} is cancelled; nothing is owed.\n`,
  });
  // It has said what it acts on, before it did.
  expect(stderr).toMatch(/^On PostgreSQL \S+, Temporal \S+ \(namespace default\)\.\n$/);
  expect(stderr).toContain(counter.env.address);
  const { events } = await counter.env.client.workflow.getHandle(booking.workflowId).fetchHistory();
  const accepted = events?.map(
    (event) => event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.meta,
  );
  expect(accepted).toContainEqual(expect.objectContaining({ identity: 'op-7' }));
  expect(existsSync(dataDir)).toBe(false);
});

test('says in one line what keeps it from working', async () => {
  const away = { ...(await system()), TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const { exitCode, stdout, stderr } = await npmRunFlights(away, 'stuck');
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toMatch(/^Temporal at 127\.0\.0\.1:1: [^\n]+\n$/);
});

test('says in one line that the database is away, without what only programmers read', async () => {
  const away = { DATABASE_URL: 'postgresql://me:hunter2@127.0.0.1:1/flights' };
  expect(await npmRunFlights(away, 'ledger')).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: 'connect ECONNREFUSED 127.0.0.1:1\n',
  });
});

test('says what it lacks where there is no system', async () => {
  const { PAYLOAD_ENCRYPTION_KEYS: _, ...keyless } = await system();
  const { exitCode, stderr } = await npmRunFlights(keyless, 'stuck');
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^PAYLOAD_ENCRYPTION_KEYS is not set: no local stack runs in [^\n]+\n$/);
});

test('an audit speaks to scripts under its old name, too', async () => {
  const env = Object.entries({ DATA_DIR: dataDir, ...(await system()) });
  const command = [...env.map(([name, value]) => `${name}=${value}`), 'npm', 'run', '--silent'];
  const args = [...command, 'audit', '--', '--json'];
  const { stdout, stderr } = await runCommand('env', args, { timeoutMs: 100_000 });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({ ok: expect.any(Boolean), violations: [] });
});

test.each([
  [['cancel', 'ABC234', '--as', 'op-7'], "required option '--reason <text>' not specified"],
  [['ledger', '--day', 'yesterday'], 'It takes a date such as 2026-12-01.'],
  [['seed', '--days', '0'], 'It takes a whole number of at least 1.'],
  [['sell'], "unknown command 'sell'"],
])('%j is wrong usage: it exits with 2 and says why', async (args, why) => {
  const { exitCode, stdout, stderr } = await npmRunFlights({}, ...args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain(why);
});
