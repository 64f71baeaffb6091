import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Payload } from '@temporalio/common';
import { waitUntil } from '../../../src/cli/wait';
import {
  paymentReceived,
  type ExternalPaymentReport,
} from '../../../src/temporal/contracts/booking';
import { foreignCodec, json, payload, rawMessages } from '../../support/raw-messages';
import type { CrashShop } from '../crash-shop';
import type { Holder } from '../shopper';
import { openForAllTests } from '../whole-file';

/** Reports of payments by the thousand: the deadline is kept, and each is on record soon. */

/** Fewer where people wait for the tests; CI sends as many as are promised to do no harm. */
const FLOOD = Number(process.env.FLOOD ?? 500);

/**
 * How late a deadline may be kept, in milliseconds, under a hundred messages and under thousands.
 */
const GRACE_MS = { few: 2_000, many: 30_000 };

const ON_RECORD_WITHIN_MS = 120_000;
const MAX_WORKER_KB = 600 * 1024;

/** Long enough to begin a flood well before the deadline. */
const PAYMENT_WINDOW_SECONDS = 12;

const BAD_JSON = payload('json/plain', '{bad');

let shop: CrashShop;

openForAllTests(PAYMENT_WINDOW_SECONDS, (opened) => {
  shop = opened;
});

/** Money that pays for nothing: another service took too little, each time another payment. */
function wrongPayment(): ExternalPaymentReport {
  return {
    amount: 1,
    currency: 'USD',
    provider: 'acme',
    providerPaymentId: `wrong-${randomUUID()}`,
  };
}

/** Sends so many, some at once; counts those that were accepted. */
async function flood(
  count: number,
  atOnce: number,
  send: (payment: ExternalPaymentReport) => Promise<boolean>,
): Promise<number> {
  let [left, accepted] = [count, 0];
  const sender = async () => {
    while (left > 0) {
      left -= 1;
      if (await send(wrongPayment())) accepted += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sender));
  return accepted;
}

const bySignal = (holder: Holder) => (payment: ExternalPaymentReport) =>
  holder.workflow.signal(paymentReceived, payment).then(
    () => true,
    // A workflow that has ended takes none: nothing was promised.
    () => false,
  );

const byEvent = (holder: Holder) => (payment: ExternalPaymentReport) =>
  holder.payExternally(payment).then(() => true);

async function recordedOf({ bookingId }: Holder): Promise<number> {
  const [row] = (await shop.db('payments').where({ booking_id: bookingId }).count('* as rows')) as [
    { rows: number },
  ];
  return row.rows;
}

/** The most memory that the worker has ever had. */
function workerPeakKb(): number {
  const status = readFileSync(`/proc/${String(shop.stack.pidOf('worker'))}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]);
}

async function untilOnRecord(holder: Holder, count: number): Promise<number> {
  const from = Date.now();
  await waitUntil(async () => (await recordedOf(holder)) >= count, {
    timeoutMs: ON_RECORD_WITHIN_MS,
    onTimeout: () => new Error(`Not all of ${count} payments are on record`),
  });
  return Date.now() - from;
}

async function expectPunctual(holder: Holder, graceMs: number): Promise<number> {
  await waitUntil(async () => (await holder.read()).status === 'cancelled', {
    timeoutMs: (PAYMENT_WINDOW_SECONDS + 60) * 1_000,
    onTimeout: () => new Error('The deadline is not kept'),
  });
  const [lateMs = Number.NaN] = await shop.lateness([holder.bookingId]);
  expect(lateMs).toBeLessThan(graceMs);
  return lateMs;
}

test('under a hundred messages a deadline is kept within two seconds', async () => {
  const holder = await shop.holder();
  const accepted = await flood(50, 5, bySignal(holder));
  expect(await flood(50, 5, byEvent(holder))).toBe(50);
  const lateMs = await expectPunctual(holder, GRACE_MS.few);
  const recordingMs = await untilOnRecord(holder, accepted + 50);
  console.log(`Late: ${lateMs} ms; on record ${recordingMs} ms after that.`);
});

test.each([
  ['signals', bySignal],
  ['signed events', byEvent],
])(
  `under ${FLOOD} %s a deadline is kept within 30 s, and each is on record within two minutes`,
  async (_, by) => {
    const holder = await shop.holder();
    const from = Date.now();
    const flooding = flood(FLOOD, 40, by(holder));
    const lateMs = await expectPunctual(holder, GRACE_MS.many);
    const accepted = await flooding;
    const floodMs = Date.now() - from;
    const recordingMs = await untilOnRecord(holder, accepted);
    expect(await recordedOf(holder)).toBe(accepted);
    await holder.workflow.result();
    expect(workerPeakKb()).toBeLessThan(MAX_WORKER_KB);
    console.log(
      `${accepted} accepted in ${floodMs} ms, the last on record ${recordingMs} ms later; deadline ${lateMs} ms late; worker ${workerPeakKb()} kB.`,
    );
  },
);

/** Signals that are passed over; bytes, names and turns from bad to good are their sender's. */
const PASSED_OVER: [string, (count: number) => Promise<[string, Payload[]]>][] = [
  [
    'nobody can read',
    async (count) => [
      'paymentReceived',
      count % 2 === 0 ? [BAD_JSON] : await foreignCodec.encode([json(wrongPayment())]),
    ],
  ],
  ['nobody knows', (count) => Promise.resolve([`name-${count}`, [BAD_JSON]])],
  [
    'are hints, good and bad in turn',
    (count) => Promise.resolve(['paymentUpdated', count % 2 === 0 ? [] : [BAD_JSON]]),
  ],
];

test.each(PASSED_OVER)(
  `under ${FLOOD} signals that %s a deadline is kept within 30 s, by a worker that stays alive`,
  async (_what, make) => {
    const holder = await shop.holder();
    const worker = shop.stack.pidOf('worker');
    const raw = rawMessages({ client: shop.temporal }, holder.workflow.workflowId);
    let count = 0;
    const flooding = flood(FLOOD, 40, async () => {
      const [name, payloads] = await make((count += 1));
      // A workflow that has ended takes none.
      return raw.signal(name, payloads).then(
        () => true,
        () => false,
      );
    });
    const lateMs = await expectPunctual(holder, GRACE_MS.many);
    const accepted = await flooding;
    await holder.workflow.result();
    expect(shop.stack.pidOf('worker')).toBe(worker);
    expect(workerPeakKb()).toBeLessThan(MAX_WORKER_KB);
    console.log(`${accepted} accepted; deadline ${lateMs} ms late; worker ${workerPeakKb()} kB.`);
  },
);

test('what was accepted is on record though the worker is killed and the booking’s workflow terminated', async () => {
  const holder = await shop.holder();
  const accepting = flood(400, 20, byEvent(holder));
  await wait(500);
  const killed = shop.kill('worker');
  await holder.workflow.terminate();
  await shop.untilWorkerIsBack(killed);
  expect(await accepting).toBe(400);
  await untilOnRecord(holder, 400);
  // The seats of a booking whose workflow was terminated are put back by reconciliation, later.
  await shop
    .db('bookings')
    .where({ id: holder.bookingId })
    .update({ payment_required_by: new Date(Date.now() - 660_000) });
});

test('after all of it the books agree, with one another and with the workflows', async () => {
  await shop.reconcile();
  expect(await shop.audit()).toEqual([]);
});
