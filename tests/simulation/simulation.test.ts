import './virtual-time';
import fc from 'fast-check';
import { bookingWorkflow } from '../../src/workflows/booking/workflow';
import { plan, type Plan } from './plan';
import { simulate } from './simulate';

/** Some five seconds of CPU. `SIMULATIONS` asks for more, `SEED` for others. */
const LIVES = Number(process.env.SIMULATIONS ?? 800);
const SEED = Number(process.env.SEED ?? 1);

test('whatever comes in whatever order, a booking keeps its promises', async () => {
  const ends: Record<string, number> = {};
  let replays = 0;
  const cpu = process.cpuUsage();
  await fc.assert(
    fc.asyncProperty(plan, async (life) => {
      const ended = await simulate(bookingWorkflow, life);
      ends[ended.status] = (ends[ended.status] ?? 0) + 1;
      replays += ended.replays;
      if (ended.findings.length > 0) throw new Error(ended.findings.join('\n'));
    }),
    { numRuns: LIVES, seed: SEED },
  );
  const { user, system } = process.cpuUsage(cpu);
  const perMinute = Math.round((LIVES / (user + system)) * 60e6);
  console.log(`SEED=${SEED}: ${LIVES} lives, ${perMinute} a minute of CPU;`, ends, { replays });
  // Had the models refused everything, no promise would have been at stake.
  expect(Object.keys(ends)).toEqual(expect.arrayContaining(['booked', 'cancelled']));
});

/**
 * Lives that once broke a promise, or showed that the model or the judge was wrong, as fast-check
 * has shrunk them.
 */
const KEPT: [string, Plan][] = [
  [
    'a worker dies while a local activity is all that is under way',
    {
      ...{ seed: 783645179, faults: 0, crashes: 0.05, isRefused: 'no', isLong: false, flights: 1 },
      sent: [
        { kind: 'change', card: 'good', at: 'sale', afterMs: 0 },
        { kind: 'cancel', by: 'owner', expects: 'nothing', at: 'sale', afterMs: 592 },
        { kind: 'pay', card: 'asks_bank', isRightAmount: true, at: 'request', afterMs: 19 },
      ],
    },
  ],
  [
    'a run is terminated with a change under way',
    {
      ...{ seed: 1, faults: 0, crashes: 0, isRefused: 'no', isLong: false, flights: 1 },
      sent: [
        { kind: 'change', card: 'good', at: 'sale', afterMs: 0 },
        { kind: 'pay', card: 'good', isRightAmount: true, at: 'request', afterMs: 0 },
        { kind: 'terminate', at: 'sale', afterMs: 8 },
        {
          kind: 'report',
          provider: 'sandbox',
          payment: 0,
          isRightAmount: false,
          at: 'deadline',
          afterMs: 0,
        },
      ],
    },
  ],
  [
    'a name is corrected by a worker that dies, beside a cancellation',
    {
      ...{ seed: 1240596768, faults: 0, crashes: 0.2, isRefused: 'no', isLong: false, flights: 1 },
      sent: [
        { kind: 'cancel', by: 'owner', expects: 'nothing', at: 'sale', afterMs: 198 },
        {
          kind: 'report',
          provider: 'sandbox',
          payment: 0,
          isRightAmount: false,
          at: 'request',
          afterMs: 191,
        },
        { kind: 'pay', card: 'good', isRightAmount: false, at: 'sale', afterMs: 0 },
        { kind: 'correct_name', at: 'sale', afterMs: 1 },
        {
          kind: 'report',
          provider: 'acme',
          payment: 0,
          isRightAmount: true,
          at: 'request',
          afterMs: 500,
        },
      ],
    },
  ],
  [
    'a provider is asked again about a report while another one pays for the booking',
    {
      ...{ seed: 240078466, faults: 0, crashes: 0.05, isRefused: 'no', isLong: false, flights: 1 },
      sent: [
        {
          kind: 'report',
          provider: 'sandbox',
          payment: 0,
          isRightAmount: false,
          at: 'request',
          afterMs: 20,
        },
        { kind: 'temporal_cancel', at: 'deadline', afterMs: 0 },
        {
          kind: 'report',
          provider: 'acme',
          payment: 0,
          isRightAmount: true,
          at: 'request',
          afterMs: 109,
        },
        { kind: 'change', card: 'none', at: 'request', afterMs: 2_477 },
      ],
    },
  ],
];

test.each(KEPT)('kept: %s', async (_, life) => {
  expect((await simulate(bookingWorkflow, life)).findings).toEqual([]);
});
