import './virtual-time';
import { Activator } from '@temporalio/workflow/lib/internals';
import fc from 'fast-check';
import { LateReports } from '../../src/workflows/booking/external-payments/late-reports';
import { ExternalPaymentQueue } from '../../src/workflows/booking/external-payments/queue';
import { BookingStateMachine, type Decision } from '../../src/workflows/booking/state-machine';
import { bookingWorkflow } from '../../src/workflows/booking/workflow';
import { Saga } from '../../src/workflows/shared/saga';
import { KEPT_LIVES } from './kept-lives';
import { plan, type Plan } from './plan';
import { simulate } from './simulate';

/** Most are found within 150 lives; the rest is for those that need a coincidence. */
const LIVES = 600;

/** Returns what the first life that breaks a promise is found to break; undefined for none. */
async function findFault(lives: readonly Plan[]): Promise<string[] | undefined> {
  for (const life of lives) {
    const { findings } = await simulate(bookingWorkflow, life);
    if (findings.length > 0) return findings;
  }
  return undefined;
}

/** Every other life has its payments around the deadline, which few have by chance. */
function someLives(): Plan[] {
  return fc
    .sample(plan, { numRuns: LIVES, seed: 1 })
    .map((life, index) =>
      index % 2 === 0 ? life : { ...life, sent: life.sent.map(aroundDeadline) },
    );
}

function aroundDeadline(sent: Plan['sent'][number]): Plan['sent'][number] {
  return sent.kind === 'pay'
    ? { ...sent, at: 'deadline', afterMs: (sent.afterMs % 60) - 30 }
    : sent;
}

function plant<Guarded extends object>(
  owner: Guarded,
  name: keyof Guarded & string,
  fault: object,
) {
  const sound = Object.getOwnPropertyDescriptor(owner, name);
  if (sound === undefined) throw new Error(`Bug: there is no ${name}`);
  Object.defineProperty(owner, name, { ...sound, ...fault });
  return () => {
    Object.defineProperty(owner, name, sound);
  };
}

const { patchInternal } = Activator.prototype;

/** Has workflows behave as they did before a patch. */
function withoutPatch(...names: string[]): () => void {
  return plant(Activator.prototype, 'patchInternal', {
    value(this: Activator, patch: string, isDeprecated: boolean) {
      return !names.includes(patch) && patchInternal.call(this, patch, isDeprecated);
    },
  });
}

const FAULTS: [string, RegExp, () => () => void][] = [
  [
    'the deadline binds no payment',
    /came after the deadline/,
    () => plant(BookingStateMachine.prototype, 'isPastDeadline', { get: () => false }),
  ],
  [
    'a decision is forgotten for a later one',
    /never|is kept|under way|reserved|Bug/,
    () =>
      plant(BookingStateMachine.prototype, 'decide', {
        value(this: BookingStateMachine, decision: Decision) {
          this.decision = decision;
        },
      }),
  ],
  [
    'a change that fails is not undone',
    /held for ever|don't add up|reserved|under way/,
    () => plant(Saga.prototype, 'compensate', { value: () => Promise.resolve() }),
  ],
  [
    'silence is no answer to a schedule change',
    /never settled/,
    () => {
      const { nextAfterSale } = BookingStateMachine.prototype;
      return plant(BookingStateMachine.prototype, 'nextAfterSale', {
        async value(this: BookingStateMachine) {
          const next = await nextAfterSale.call(this);
          return next === 'respond_by' ? 'departed' : next;
        },
      });
    },
  ],
  [
    'a wait that ends too soon is taken for one that is over',
    /before its deadline|never settled/,
    () => withoutPatch('waits-out-its-time'),
  ],
  [
    'payments that wait when the booking ends are forgotten',
    /never|is kept|are ours/,
    () => plant(ExternalPaymentQueue.prototype, 'close', { value: () => undefined }),
  ],
];

/** Found by one life in a thousand or less: these play the one that found them. */
const RARE_FAULTS: [string, RegExp, keyof typeof KEPT_LIVES, () => () => void][] = [
  [
    'the clock decides again in a replay whether money of another service is late',
    /A replay \(merged\) decides otherwise/,
    'money of another service comes in time, as a name is corrected past the deadline',
    () =>
      plant(LateReports.prototype, 'isNextLate', {
        value(this: LateReports) {
          this.areRecorded = false;
          return isNextLate.call(this);
        },
      }),
  ],
  [
    'a change that a terminated run has left unfinished is not undone',
    /held beside for ever/,
    'a run is terminated while a customer is with their bank, and restored at once',
    () => plant(BookingStateMachine.prototype, 'unfinishedChange', { get: () => undefined }),
  ],
  [
    'a booking that is found cancelled is not refunded',
    /the refund of .* is taken up .* ms after it was owed/,
    'a worker dies at a cancellation, before it is recorded that the new times were accepted',
    // Since the other one a worker's death no longer leads there.
    () => withoutPatch('found-cancelled', 'cancellations-are-on-record-first'),
  ],
  [
    'a sale is cancelled before the message is on record',
    /the refund of .* is taken up .* ms after it was owed/,
    'a cancellation of a sale is lost with the worker and Temporal’s server, and nobody asks again',
    () => withoutPatch('cancellations-are-on-record-first'),
  ],
  [
    'a workflow that is refused for a change it has never heard of does not begin anew',
    /it failed/,
    'a change is lost with the worker and Temporal’s server as the airline’s offer is about to be closed',
    () => withoutPatch('learns-of-changes'),
  ],
];
const { isNextLate } = LateReports.prototype;

async function expectFound(rule: RegExp, planted: () => () => void, lives: readonly Plan[]) {
  const remove = planted();
  try {
    const findings = await findFault(lives);
    expect(findings?.join('\n')).toMatch(rule);
  } finally {
    remove();
  }
}

test.each(FAULTS)('it is found when %s', async (_, rule, planted) => {
  await expectFound(rule, planted, someLives());
});

test.each(RARE_FAULTS)('a life that is kept finds it when %s', async (_, rule, life, planted) => {
  await expectFound(rule, planted, [KEPT_LIVES[life]]);
});
