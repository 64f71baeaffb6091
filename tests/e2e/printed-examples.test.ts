import { readFileSync } from 'node:fs';
import path from 'node:path';
import { resolveProgram } from '../../scripts/stack/binaries';
import { runCommand, type CommandResult } from '../../scripts/stack/commands';
import { TEMPORAL_CLI } from '../../scripts/stack/programs';
import { ROOT } from '../../scripts/stack/settings';
import type { Booking } from '../../src/domain/booking';
import type { Payment } from '../../src/domain/payment';
import { newPlace, removePlace, startDevStack, type DevStack } from '../support/dev-stack';
import { fillIn, readHttpFile } from '../support/http-file';

/** What README and docs/api.http print works as it stands, on the day on which it is read. */
jest.setTimeout(300_000);

let stack: DevStack;

beforeAll(async () => {
  // They search a week ahead, and three days later for the way back.
  stack = await startDevStack(await newPlace(), { SCHEDULE_DAYS: '12' });
});

afterAll(async () => {
  await stack.stop();
  removePlace(stack.place);
});

const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');

/** The commands of README's walk-through, in order, at the addresses of our stack. */
function walkThrough(): string {
  const [, section = ''] = /^## A booking, step by step\n(.*?)^## /ms.exec(read('README.md')) ?? [];
  const commands = [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block);
  expect(commands.length).toBeGreaterThan(4);
  return commands.join('\n').replaceAll('http://127.0.0.1:3000', stack.url);
}

/** Runs a script in the checkout, on our stack. */
async function runInBash(script: string): Promise<CommandResult> {
  return await runCommand('bash', ['-euo', 'pipefail', '-c', script], {
    timeoutMs: 120_000,
    env: { ...process.env, NODE_ENV: undefined, DATA_DIR: stack.place.dataDir },
  });
}

test('README’s walk-through searches, holds, pays and cancels, books a round trip, and is paid by another service', async () => {
  const tell = ['BOOKING', 'PAYMENT', 'CANCELLED', 'ROUND_TRIP', 'OTHER']
    .map((name) => `printf 'TOLD %s\\n' "$${name}"`)
    .join('\n');
  const { exitCode, stdout, stderr } = await runInBash(`${walkThrough()}\n${tell}`);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  const [booking, payment, cancelled, roundTrip, other] = [...stdout.matchAll(/^TOLD (.*)$/gm)].map(
    ([, json = '']) => JSON.parse(json) as unknown,
  ) as [Booking, Payment, Booking, Booking, Booking];
  expect(booking).toMatchObject({ status: 'pending', passengers: [{}, {}] });
  expect(payment).toMatchObject({ bookingId: booking.id, bookingStatus: 'booked' });
  expect(cancelled).toMatchObject({
    status: 'cancelled',
    cancellationReason: 'customer_request',
    refund: { amount: expect.any(Number) },
  });
  expect(roundTrip).toMatchObject({
    status: 'pending',
    slices: [
      { origin: { iata: 'BOS' }, segments: [{}, {}] },
      { origin: { iata: 'SFO' }, segments: [{}, {}] },
    ],
  });
  // The script ends once it is booked.
  expect(other).toMatchObject({ status: 'pending' });
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
  expect(requests.length).toBeGreaterThan(10);
  for (const { title, name, method, url, headers, body } of requests) {
    const response = await fetch(fillIn(url, values), {
      method,
      headers: Object.fromEntries(
        Object.entries(headers).map(([header, value]) => [header, fillIn(value, values)]),
      ),
      ...(body === undefined ? {} : { body: fillIn(body, values) }),
    });
    const answer: unknown = await response.json();
    expect({ title, ok: response.ok, answer }).toMatchObject({ ok: true });
    if (name !== undefined) values.answers[name] = answer;
  }
  expect(values.answers).toMatchObject({
    ...{ booking: { status: 'pending' }, quote: { fee: {} }, change: { status: 'completed' } },
    ...{ scheduleChange: { affected: 1 }, disrupted: { status: 'cancelled', refund: {} } },
  });
});
