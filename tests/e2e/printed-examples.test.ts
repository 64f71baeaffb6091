import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { resolveProgram } from '../../scripts/stack/binaries';
import { runCommand, type CommandResult } from '../../scripts/stack/commands';
import { TEMPORAL_CLI } from '../../scripts/stack/programs';
import { ROOT } from '../../scripts/stack/settings';
import { waitUntil } from '../../src/cli/wait';
import { daysAfter } from '../../src/activities/flight-schedule/local-time';
import { seedSchedule } from '../../src/cli/seed/schedule';
import { connect } from '../../src/db/connection';
import type { Booking } from '../../src/domain/booking';
import type { Change, ChangeQuote } from '../../src/domain/changes/change';
import type { Payment } from '../../src/domain/payment';
import { newPlace, removePlace, startDevStack, type DevStack } from '../support/dev-stack';
import { fillIn, readHttpFile, type PrintedRequest, type Values } from '../support/http-file';
import { workflowBundle } from '../support/workflow-bundle';
import { PATIENCE_MS } from '../support/patience';

/** What README and docs/api.http print works as it stands, on the day on which it is read. */

let stack: DevStack;
let told: Told;

beforeAll(async () => {
  const { codePath } = await workflowBundle();
  stack = await startDevStack(await newPlace(), {
    SCHEDULE_DAYS: '1',
    WORKFLOW_BUNDLE: codePath,
  });
  await putOnSale(String(stack.env.DATABASE_URL));
  told = await followReadme();
});

afterAll(async () => {
  await stack.stop();
  removePlace(stack.place);
});

/**
 * The days that they search, of the fourteen that are on sale by default, and the next ones, on
 * which a way may go on.
 */
async function putOnSale(databaseUrl: string): Promise<void> {
  const db = connect(databaseUrl, { applicationName: 'test', maxConnections: 2 });
  const today = new Date().toISOString().slice(0, 10);
  for (const [ahead, days] of [
    [7, 2],
    [10, 3],
  ] as const)
    await seedSchedule({ db, hasScenarios: false, days, from: daysAfter(today, ahead) });
  await db.destroy();
}

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

/** The commands of README's walk-through, in order, at the addresses of our stack. */
function walkThrough(): string {
  const sections = ['A booking, step by step', 'A trip that changes, step by step'];
  const commands = sections.flatMap((title) => {
    const [, section = ''] =
      new RegExp(`^## ${title}\n(.*?)^## `, 'ms').exec(read('README.md')) ?? [];
    const blocks = [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block);
    expect(blocks.length).toBeGreaterThan(4);
    return blocks;
  });
  return commands.join('\n').replaceAll('http://127.0.0.1:3000', stack.url);
}

/** Runs a script in the checkout, on our stack. */
async function runInBash(script: string): Promise<CommandResult> {
  return await runCommand('bash', ['-euo', 'pipefail', '-c', script], {
    timeoutMs: 120_000,
    env: { ...process.env, NODE_ENV: undefined, DATA_DIR: stack.place.dataDir },
  });
}

/** What README's variables hold once all of its commands have run. */
interface Told {
  BOOKING: Booking;
  PAYMENT: Payment;
  CANCELLED: Booking;
  OTHER: Booking;
  ROUND_TRIP: Booking;
  CHANGE_QUOTE: ChangeQuote;
  CHANGE: Change;
  DISRUPTED: Booking;
  REFUNDED: Booking;
}

/** Runs README's commands. Returns what they have found. */
async function followReadme(): Promise<Told> {
  const names = [
    ...['BOOKING', 'PAYMENT', 'CANCELLED', 'OTHER'],
    ...['ROUND_TRIP', 'CHANGE_QUOTE', 'CHANGE', 'DISRUPTED', 'REFUNDED'],
  ];
  const tell = names.map((name) => `printf 'TOLD ${name} %s\\n' "$${name}"`).join('\n');
  const { exitCode, stdout, stderr } = await runInBash(`${walkThrough()}\n${tell}`);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return Object.fromEntries(
    [...stdout.matchAll(/^TOLD (\w+) (.*)$/gm)].map(([, name = '', json = '']) => [
      name,
      JSON.parse(json) as unknown,
    ]),
  ) as unknown as Told;
}

test('README’s walk-through searches, holds, pays and cancels, and is paid by another service', () => {
  const { BOOKING, PAYMENT, CANCELLED, OTHER } = told;
  expect(BOOKING).toMatchObject({ status: 'pending', passengers: [{}, {}] });
  expect(PAYMENT).toMatchObject({ bookingId: BOOKING.id, bookingStatus: 'booked' });
  expect(CANCELLED).toMatchObject({
    status: 'cancelled',
    cancellationReason: 'customer_request',
    refund: { amount: expect.any(Number) },
  });
  // The script ends once it is booked.
  expect(OTHER).toMatchObject({ status: 'pending' });
});

test('README’s round trip is changed for a difference, hit by a cancelled flight, and refunded', () => {
  const { ROUND_TRIP, CHANGE_QUOTE, CHANGE, DISRUPTED, REFUNDED } = told;
  expect(ROUND_TRIP).toMatchObject({
    status: 'pending',
    slices: [
      { origin: { iata: 'BOS' }, segments: [{}, {}] },
      { origin: { iata: 'SFO' }, segments: [{}, {}] },
    ],
  });
  const { difference, fee, newTotal, toPay, toRefund } = CHANGE_QUOTE;
  expect(toPay.amount - toRefund.amount).toBe(difference.amount + fee.amount);
  expect(fee.amount).toBeGreaterThan(0);
  expect(CHANGE).toMatchObject({
    status: 'completed',
    booking: { status: 'booked', price: newTotal },
  });
  expect(CHANGE.booking.slices?.[0]).toEqual(ROUND_TRIP.slices?.[0]);
  expect(CHANGE.booking.slices?.[1]).not.toEqual(ROUND_TRIP.slices?.[1]);
  expect(DISRUPTED).toMatchObject({
    status: 'booked',
    scheduleChange: { kind: 'cancelled', availableActions: ['change', 'cancel'] },
  });
  expect(REFUNDED).toMatchObject({
    status: 'cancelled',
    refund: newTotal,
    scheduleChange: { actionTaken: 'cancelled' },
  });
});

/** All that Temporal's CLI tells of a workflow; `cli` is how it is called. */
async function historyBy(cli: string, workflowId: string): Promise<string> {
  const show = `${cli} workflow show --workflow-id ${workflowId} --output json`;
  const { exitCode, stdout, stderr } = await runInBash(show);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  const payloads = [...stdout.matchAll(/"data": "(.*?)"/g)].map(([, data = '']) => data);
  expect(payloads.length).toBeGreaterThan(0);
  return payloads.map((data) => Buffer.from(data, 'base64').toString()).join('\n');
}

test('`npm run temporal` is Temporal’s CLI on the local stack, and reads what is encrypted', async () => {
  const npmRun = 'npm run --silent temporal --';
  const list = await runInBash(
    `${npmRun} workflow list --output json --query 'BookingStatus="booked"'`,
  );
  const [booked] = JSON.parse(list.stdout) as { execution: { workflowId: string } }[];
  const workflowId = booked?.execution.workflowId ?? '';
  expect(workflowId).toMatch(/^booking-/);
  expect(await historyBy(npmRun, workflowId)).toContain('Lovelace');
  const address = String(stack.env.TEMPORAL_ADDRESS);
  const cli = await resolveProgram(TEMPORAL_CLI);
  expect(await historyBy(`${cli} --address ${address}`, workflowId)).not.toContain('Lovelace');

  const unknown = await runInBash(`${npmRun} workflow show --workflow-id booking-of-nobody`);
  expect(unknown).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('not found') });
});

test('the program of docs/api.md searches, books, pays, cancels and changes', async () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-shop-'));
  const client = path.join(ROOT, 'clients/typescript/src');
  const blocks = [...read('docs/api.md').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, ts]) => ts);
  const program = blocks
    .join('')
    .replaceAll("'flight-bookings-client'", `'${client}/client.ts'`)
    .replaceAll("'flight-bookings-client/webhooks'", `'${client}/webhooks.ts'`)
    .replaceAll('http://127.0.0.1:3000', stack.url);
  // What it only defines is used, too.
  const more = `
    console.log('Nothing to respond to:', await respond(roundTrip.data));
    const unsigned = new Request('http://127.0.0.1:8080/', { method: 'POST', body: '{}' });
    console.log('Unsigned:', (await receive(unsigned)).status, 'secret:', secret.slice(0, 6));`;
  writeFileSync(path.join(folder, 'shop.mts'), program + more);
  const [, token = ''] = /^export (TOKEN=.*)$/m.exec(read('docs/api.md')) ?? [];
  const { exitCode, stdout, stderr } = await runInBash(
    `export ${token}; npx --no-install tsx ${folder}/shop.mts`,
  );
  rmSync(folder, { recursive: true });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  for (const line of [
    /^[A-Z2-9]{6} is held until \d/m,
    /^Declined: generic_decline$/m,
    /^It is booked$/m,
    /^It costs \$[\d,]+\.\d\d$/m,
    /^Comes back: \$[\d,.]+ and is kept: \$[\d,.]+$/m,
    /^It is cancelled and the refund (pending|succeeded)$/m,
    /^To pay: \$[\d,.]+ comes back: \$[\d,.]+$/m,
    /^The change is completed$/m,
    /^Nothing to respond to: undefined$/m,
    /^Unsigned: 401 secret: whsec_$/m,
  ])
    expect(stdout).toMatch(line);
});

test('docs/api.http works from top to bottom, each answer filling in the next request', async () => {
  const tokenFor = async (whom: string) =>
    (await runInBash(`npm run --silent flights -- token ${whom}`)).stdout.trim();
  const { variables, requests } = readHttpFile(read('docs/api.http'));
  const values = {
    variables: { ...variables, host: stack.url },
    env: {
      TOKEN: await tokenFor('--sub grace'),
      OPERATOR: await tokenFor('--sub op-7 --scope operator'),
    },
    answers: {} as Record<string, unknown>,
  };
  for (const request of requests) {
    let answer = await sendPrinted(request, values);
    // Who clicks too early clicks again: a booking hears of a schedule change a little later.
    await waitUntil(async () => answer.ok || (answer = await sendPrinted(request, values)).ok, {
      timeoutMs: PATIENCE_MS,
      intervalMs: 250,
      onTimeout: () => new Error(`"${request.title}" fails: ${JSON.stringify(answer.body)}`),
    });
    if (request.name !== undefined) values.answers[request.name] = answer.body;
  }
  expect(values.answers).toMatchObject({
    booking: { status: 'pending' },
    quote: { fee: {} },
    change: { status: 'completed' },
    scheduleChange: { affected: 1 },
    disrupted: { status: 'cancelled', refund: {} },
    passengers: { passengers: [{ familyName: 'Lovelace' }] },
    found: { data: [{}] },
    accepted: { scheduleChange: { kind: 'moved', actionTaken: 'accepted' } },
  });
});

async function sendPrinted(
  { method, url, headers, body }: PrintedRequest,
  values: Values,
): Promise<{ ok: boolean; body: unknown }> {
  const response = await fetch(fillIn(url, values), {
    method,
    headers: Object.fromEntries(
      Object.entries(headers).map(([header, value]) => [header, fillIn(value, values)]),
    ),
    ...(body === undefined ? {} : { body: fillIn(body, values) }),
  });
  const text = await response.text();
  return { ok: response.ok, body: text === '' ? undefined : JSON.parse(text) };
}
