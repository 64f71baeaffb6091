import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { EXCHANGE } from '../../src/api/openapi/change-examples';
import { BOOKING_ID, FLIGHT_ID, PASSENGER_ID } from '../../src/api/openapi/examples';
import { ENDPOINT_ID } from '../../src/api/openapi/webhook-examples';
import { mintToken } from '../../src/cli/mint';
import { clientOf, type Page } from '../api/client';
import { newPlace, removePlace, startDevStack, type DevStack } from '../support/dev-stack';
import { installFromPyPI } from '../support/tools';
import { OPERATIONS } from '../security/operations';

/**
 * schemathesis reads openapi.json and asks whatever it allows, and what it doesn't, in sequences
 * that follow its links: of the whole system, as a customer and as an operator. No answer is a 5xx
 * or outside of the description, and nothing is refused that the description allows.
 *
 * `SEED=7 EXAMPLES=200 npm run test:fuzz` asks other things, and more of them.
 */

const SEED = process.env.SEED ?? '1';
/** Of each operation, and so many sequences; beside those that the schemas' bounds ask for. */
const EXAMPLES = process.env.EXAMPLES ?? '5';

/** Limits of what one caller may do would answer for the API before it is asked much. */
const NO_LIMIT = '1000000';
const WITHOUT_LIMITS = {
  RATE_LIMIT_PER_MINUTE: NO_LIMIT,
  MAX_OPEN_HOLDS_PER_CUSTOMER: NO_LIMIT,
  MAX_UNPAID_HOLDS_PER_FLIGHT: NO_LIMIT,
  MAX_UNPAID_HOLDS_PER_DAY: NO_LIMIT,
  MAX_DECLINES_PER_HOUR: NO_LIMIT,
};

let stack: DevStack;
let python: string;
let workFolder: string;
/** openapi.json whose examples name flights, a booking and an endpoint that there are. */
let description: string;

beforeAll(async () => {
  python = installFromPyPI('schemathesis', '4.32.5');
  workFolder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-fuzz-'));
  // The examples of the description search a week ahead; where flights depart it may still be
  // yesterday.
  stack = await startDevStack(await newPlace(), { ...WITHOUT_LIMITS, SCHEDULE_DAYS: '9' });
  description = path.join(workFolder, 'openapi.json');
  writeFileSync(description, await descriptionOfWhatIsThere());
});

afterAll(async () => {
  await stack.stop();
  removePlace(stack.place);
  rmSync(workFolder, { recursive: true, force: true });
});

async function tokenOf(scope: string): Promise<string> {
  const { AUTH_JWT_SECRET = '', AUTH_ISSUER = '', AUTH_AUDIENCE = '' } = stack.env;
  return mintToken(
    { secret: AUTH_JWT_SECRET, issuer: AUTH_ISSUER, audience: AUTH_AUDIENCE },
    { sub: `fuzzer-${scope}`, scope, expiresIn: '24h' },
  );
}

/** Books for the fuzzer's customer, and puts what was booked in the place of the examples. */
async function descriptionOfWhatIsThere(): Promise<string> {
  const customer = clientOf(stack.url, await tokenOf('bookings'));
  const date = new Date(Date.now() + 7 * 24 * 60 * 60 * 1_000).toISOString().slice(0, 10);
  const search = `/api/v1/flights?origin=EWR&destination=SFO&date=${date}`;
  const { body: found } = await customer.get<Page<{ id: string }>>(search);
  const [flight, later] = found.data;
  if (flight === undefined || later === undefined) throw new Error(`No flights on ${date}`);
  const { body: booking } = await customer.create(flight);
  expect(await customer.pay(booking)).toMatchObject({ status: 201 });
  await customer.create(later);
  const { body: endpoint } = await customer.post<{ id: string }>('/api/v1/webhook-endpoints', {
    url: 'http://127.0.0.1:9/hooks',
  });
  const there = {
    [FLIGHT_ID]: flight.id,
    [LATER]: later.id,
    [BOOKING_ID]: booking.id,
    [PASSENGER_ID]: booking.passengers[0]?.id ?? '',
    [ENDPOINT_ID]: endpoint.id,
  };
  const { text } = await customer.get('/api/v1/openapi.json');
  return Object.entries(there).reduce((all, [example, id]) => all.replaceAll(example, id), text);
}

const [[LATER = ''] = []] = EXCHANGE.slices.map(({ flightIds }) => flightIds);

/** Runs the fuzzer on these operations; returns how it ended and all that it printed. */
async function fuzz(scope: string, operationIds: string[]) {
  const child = spawn(
    'python3',
    [
      ...['-m', 'schemathesis.cli', '--config-file', path.join(__dirname, 'schemathesis.toml')],
      ...['run', description, '--url', stack.url, '--no-color'],
      ...['--header', `Authorization: Bearer ${await tokenOf(scope)}`],
      ...['--seed', SEED, '--max-examples', EXAMPLES],
      ...operationIds.flatMap((id) => ['--include-operation-id', id]),
    ],
    {
      cwd: workFolder,
      env: {
        ...process.env,
        PYTHONPATH: python,
        PYTHONDONTWRITEBYTECODE: '1',
        SCHEMATHESIS_HOOKS: path.join(__dirname, 'checks.py'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, output };
}

/** A stream's schema is that of its text; the fuzzer takes it for that of each event. */
const ASKED = OPERATIONS.filter(({ operationId }) => operationId !== 'streamSeats');

test.each([
  ['a customer', 'bookings', ASKED.filter(({ scopes }) => scopes[0] !== 'operator')],
  ['an operator', 'operator', ASKED.filter(({ scopes }) => scopes.includes('operator'))],
])('as %s nothing breaks', async (_, scope, operations) => {
  expect(operations.length).toBeGreaterThan(20);
  const { exitCode, output } = await fuzz(
    scope,
    operations.map(({ operationId }) => operationId),
  );
  const [generated] = /[\d,]+ generated.*/.exec(output) ?? [];
  console.log(`SEED=${SEED} EXAMPLES=${EXAMPLES}: ${operations.length} operations, ${generated}.`);
  if (exitCode !== 0) throw new Error(output);
});
