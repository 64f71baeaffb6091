import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runCommand, type CommandResult } from '../../scripts/stack/commands';
import { databaseUrl } from '../support/database';
import { TEST_KEY } from '../support/encryption';
import { STARTING_MS } from '../support/shop';
import { openCounter, type Counter } from './counter';

/** `npm run ops` as it is typed, in a clone where nothing was ever started: it finds its system by the environment. */

let counter: Counter;
const dataDir = path.join(os.tmpdir(), `flight-bookings-ops-${randomUUID()}`);

beforeAll(async () => {
  counter = await openCounter();
}, STARTING_MS);

afterAll(() => counter.close(), STARTING_MS);

async function npmRunOps(env: Record<string, string>, ...args: string[]): Promise<CommandResult> {
  const variables = Object.entries({ DATA_DIR: dataDir, ...env }).map(
    ([name, value]) => `${name}=${value}`,
  );
  const command = ['npm', 'run', '--silent', 'ops', '--', ...args];
  return runCommand('env', [...variables, ...command], { timeoutMs: 30_000 });
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
  expect(await npmRunOps(await system(), ...args)).toMatchObject({
    exitCode: 0,
    stdout: `${booking.reference} is cancelled; nothing is owed.\n`,
  });
  const { events } = await counter.env.client.workflow.getHandle(booking.workflowId).fetchHistory();
  const accepted = events?.map(
    (event) => event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.meta,
  );
  expect(accepted).toContainEqual(expect.objectContaining({ identity: 'op-7' }));
  expect(existsSync(dataDir)).toBe(false);
});

test('says in one line what keeps it from working', async () => {
  const away = { ...(await system()), TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const { exitCode, stdout, stderr } = await npmRunOps(away, 'stuck');
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toMatch(/^Temporal at 127\.0\.0\.1:1: [^\n]+\n$/);
});

test('says what it lacks where there is no system', async () => {
  const { PAYLOAD_ENCRYPTION_KEYS: _, ...keyless } = await system();
  const { exitCode, stderr } = await npmRunOps(keyless, 'stuck');
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^Set PAYLOAD_ENCRYPTION_KEYS, or start the local stack: [^\n]+\n$/);
});
