import fc from 'fast-check';
import type { CrashShop } from '../crash-shop';
import { sequences, type Sequence } from '../sequence-commands';
import { runSequence, type Crash } from '../sequence-model';
import { openForAllTests } from '../whole-file';

/**
 * Customers who do anything in any order, on a system whose processes are killed beneath them, held
 * against a model of what they have been promised.
 *
 * SEQUENCES says how many of them there are, SEED repeats the commands of an earlier run; both are
 * printed.
 */

const AT_ONCE = 40;
/** One round where people wait for the tests; CI plays more. */
const SEQUENCES = Number(process.env.SEQUENCES ?? String(AT_ONCE));
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
    const endings: Record<string, number> = {};
    const startedAt = Date.now();
    let next = 0;
    const serve = async () => {
      while (next < customers.length) {
        const sequence = customers[next] as Sequence;
        next += 1;
        const ending = await runSequence(shop, sequence, crash).catch((cause: unknown) => {
          next = customers.length;
          const text = `SEED=${SEED} SEQUENCES=${SEQUENCES}, ${JSON.stringify(sequence)}: ${String(cause)}\n${alarms()}`;
          throw new Error(text, { cause });
        });
        endings[ending] = (endings[ending] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, serve));
    console.log(
      `SEED=${SEED}: ${SEQUENCES} sequences in ${Math.round((Date.now() - startedAt) / 1000)} s;`,
      `killed: ${crashes.join(' ')};`,
      endings,
    );
    expect(crashes.length).toBeGreaterThan(0);
    expect(await shop.audit()).toEqual([]);
  },
  60_000 + SEQUENCES * MS_PER_SEQUENCE,
);

/** What the system itself has said about it. */
function alarms(): string {
  return shop.stack
    .output()
    .split('\n')
    .filter((line) => / error (api|worker): /.test(line))
    .slice(-10)
    .join('\n');
}
