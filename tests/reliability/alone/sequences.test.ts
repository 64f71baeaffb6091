import fc from 'fast-check';
import type { CrashShop } from '../crash-shop';
import { journeySequences, type JourneySequence } from '../journey-commands';
import { runJourney, type JourneyShop } from '../journey-model';
import { networksOf } from '../network';
import { sequences, type Sequence } from '../sequence-commands';
import { runSequence, type Crash } from '../sequence-model';
import { openForAllTests } from '../whole-file';

/**
 * Customers who do anything in any order, on a system whose processes are killed beneath them, held
 * against a model of what they have been promised.
 *
 * SEQUENCES and JOURNEYS say how many of them there are, SEED repeats the commands of an earlier
 * run; all are printed.
 */

const AT_ONCE = 40;
/** One round where people wait for the tests; CI plays more. */
const SEQUENCES = Number(process.env.SEQUENCES ?? String(AT_ONCE));
const JOURNEYS = Number(process.env.JOURNEYS ?? '12');
const SEED = Number(process.env.SEED ?? String(Date.now() % 1_000_000));

/** Long enough to be paid in though the worker was killed, short enough to be waited for. */
const PAYMENT_WINDOW_SECONDS = 8;

/** Between two kills the system gets this long to do something. */
const CRASH_PAUSE_MS = 10_000;

const MS_PER_SEQUENCE = 2_000;

let shop: CrashShop;

openForAllTests(PAYMENT_WINDOW_SECONDS, (opened) => {
  shop = opened;
});

/**
 * Kills a process, unless one was killed a moment ago: many customers wish for a crash, and the
 * system is to get on all the same.
 */
function crasher(): { crash: Crash; crashes: string[] } {
  const crashes: string[] = [];
  let next = 0;
  const crash: Crash = () => {
    if (Date.now() < next) return;
    next = Date.now() + CRASH_PAUSE_MS;
    const part = crashes.length % 3 === 1 ? 'api' : 'worker';
    crashes.push(part);
    shop.kill(part);
  };
  return { crash, crashes };
}

test(
  `${SEQUENCES} customers get what they were promised, whatever they do and whatever is killed meanwhile`,
  async () => {
    const customers = fc.sample(sequences, { numRuns: SEQUENCES, seed: SEED });
    const { crash, crashes } = crasher();
    const play = (sequence: Sequence) => runSequence(shop, sequence, crash);
    const endings = await playAll(customers, play, `SEED=${SEED} SEQUENCES=${SEQUENCES}`);
    console.log(`SEED=${SEED}: ${SEQUENCES} sequences; killed: ${crashes.join(' ')};`, endings);
    expect(crashes.length).toBeGreaterThan(0);
    expect(await shop.audit()).toEqual([]);
  },
  60_000 + SEQUENCES * MS_PER_SEQUENCE,
);

test(
  `so do ${JOURNEYS} customers whose journeys are changed by them, and by the airline`,
  async () => {
    const journeys = fc.sample(journeySequences, { numRuns: JOURNEYS, seed: SEED });
    const { crash, crashes } = crasher();
    const visa = 'pm_card_visa';
    const journeyShop: JourneyShop = {
      db: shop.db,
      crash,
      network: networksOf(shop.db),
      customer: shop.customer,
      operator: shop.operator,
      // No bank of the sandbox provider asks anyone.
      cards: {
        visa,
        declined: 'pm_card_chargeDeclined',
        error: 'pm_sandbox_error',
        asking: visa,
      },
      confirm: () => Promise.reject(new Error('Bug: a bank has asked')),
    };
    const play = (journey: JourneySequence) => runJourney(journeyShop, journey);
    const endings = await playAll(journeys, play, `SEED=${SEED} JOURNEYS=${JOURNEYS}`);
    console.log(`SEED=${SEED}: ${JOURNEYS} journeys; killed: ${crashes.join(' ')};`, endings);
    expect(await shop.audit()).toEqual([]);
  },
  60_000 + JOURNEYS * 2 * MS_PER_SEQUENCE,
);

/** Plays sequences, many at once. Returns how often each ending came. */
async function playAll<T>(
  sequences: readonly T[],
  play: (sequence: T) => Promise<string>,
  repeatBy: string,
): Promise<Record<string, number>> {
  const endings: Record<string, number> = {};
  let next = 0;
  const serve = async () => {
    while (next < sequences.length) {
      const sequence = sequences[next] as T;
      next += 1;
      const ending = await play(sequence).catch((cause: unknown) => {
        next = sequences.length;
        const text = `${repeatBy}, ${JSON.stringify(sequence)}: ${String(cause)}\n${alarms()}`;
        throw new Error(text, { cause });
      });
      endings[ending] = (endings[ending] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, serve));
  return endings;
}

/** What the system itself has said about it. */
function alarms(): string {
  return shop.stack
    .output()
    .split('\n')
    .filter((line) => / error (api|worker): /.test(line))
    .slice(-10)
    .join('\n');
}
