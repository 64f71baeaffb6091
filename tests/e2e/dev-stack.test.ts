import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { query } from '../../scripts/stack/postgres-cluster';
import { descendantsOf, isRunning, send } from '../../scripts/stack/processes';
import { waitUntil } from '../../src/cli/wait';
import {
  failToStart,
  newPlace,
  PARTS,
  removePlace,
  startDevStack,
  type DevStack,
  type Place,
} from '../support/dev-stack';
import { PATIENCE_MS } from '../support/patience';

/** One stack lives through all of these, in this order: starting one takes long. */

let place: Place;
let stack: DevStack;

beforeAll(async () => {
  place = await newPlace();
  stack = await startDevStack(place);
});

afterAll(async () => {
  await stack.stop();
  removePlace(place);
});

const runDir = () => path.join(place.dataDir, 'run');

test('`Ready` comes once everything serves, and is the first word of its kind', async () => {
  expect(await stack.serves()).toBe(true);
  expect(stack.output().toLowerCase().indexOf('ready')).toBe(stack.output().indexOf('Ready'));
  for (const part of PARTS) expect(isRunning(stack.pidOf(part), place.dataDir)).toBe(true);
});

test('dev.env tells other programs what they need, and nobody else may read it', () => {
  expect(Object.keys(stack.env).sort()).toEqual([
    'API_URL',
    'AUTH_AUDIENCE',
    'AUTH_ISSUER',
    'AUTH_JWT_SECRET',
    'DATABASE_URL',
    'PAYMENT_EVENTS_SECRET',
    'TEMPORAL_ADDRESS',
    'TEMPORAL_UI_URL',
  ]);
  expect(stack.env.API_URL).toBe(stack.url);
  expect(statSync(path.join(runDir(), 'dev.env')).mode & 0o077).toBe(0);
  expect(statSync(path.join(place.dataDir, 'secrets.json')).mode & 0o077).toBe(0);
});

test('the printed token opens the API, and the UI answers', async () => {
  const [, token = ''] = /TOKEN=(\S+)/.exec(stack.output()) ?? [];
  const bookings = await fetch(`${stack.url}/api/v1/bookings`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  expect(bookings.status).toBe(200);
  expect((await fetch(String(stack.env.TEMPORAL_UI_URL))).status).toBe(200);
});

test.each(PARTS)('%s is started again after kill -9', async (part) => {
  await stack.kill(part);
});

test('a part that was killed twice in a row comes back, too', async () => {
  await stack.kill('api');
  await stack.kill('api');
});

test('a second stack on the same data is refused, and the first goes on', async () => {
  const { exitCode, output } = await failToStart(place);
  expect(exitCode).toBe(1);
  expect(output).toContain('set DATA_DIR');
  expect(await stack.serves()).toBe(true);
});

test('a taken port is refused by its number, purpose and variable', async () => {
  const elsewhere = await newPlace();
  elsewhere.ports.TEMPORAL_UI_PORT = place.ports.TEMPORAL_UI_PORT;
  const { exitCode, output } = await failToStart(elsewhere);
  expect(exitCode).toBe(1);
  expect(output).toContain(`Port ${String(place.ports.TEMPORAL_UI_PORT)} for Temporal's UI`);
  expect(output).toContain('TEMPORAL_UI_PORT');
  expect(output).not.toContain('    at ');
  removePlace(elsewhere);
});

test('SIGTERM to npm ends all of it, with exit code 0; the data are there at the next start', async () => {
  const flights = 'SELECT count(*)::int AS count FROM flights';
  const before = await query(String(stack.env.DATABASE_URL), flights);
  expect(await stack.stop()).toBe(0);
  expect(PARTS.filter((part) => existsSync(path.join(runDir(), `${part}.pid`)))).toEqual([]);

  const secrets = readFileSync(path.join(place.dataDir, 'secrets.json'), 'utf8');
  stack = await startDevStack(place);
  expect(await query(String(stack.env.DATABASE_URL), flights)).toEqual(before);
  expect(readFileSync(path.join(place.dataDir, 'secrets.json'), 'utf8')).toBe(secrets);
});

test('after kill -9 of the supervisor, API and worker end by themselves and a new start takes over the rest', async () => {
  const [supervisor = 0] = descendantsOf(stack.npmPid);
  const ours = [stack.pidOf('api'), stack.pidOf('worker')];
  send('SIGKILL', supervisor);
  await waitUntil(() => !ours.some((pid) => isRunning(pid)), {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('They live on without a supervisor'),
  });
  stack = await startDevStack(place);
  expect(await stack.serves()).toBe(true);
});

test('Ctrl-C ends it as well, and nothing but data, logs and dev.env stays', async () => {
  expect(await stack.stop('SIGINT')).toBe(0);
  expect(readdirSync(runDir())).toEqual(['dev.env']);
});
