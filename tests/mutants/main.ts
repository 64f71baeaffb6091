import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { resolveProgram } from '../../scripts/stack/binaries';
import { TEMPORAL_CLI, TEMPORAL_TEST_SERVER } from '../../scripts/stack/programs';
import { namedMutants, type NamedMutant } from './all';
import { openLane, type Lane } from './lane';
import { killedBefore, writeReport } from './report';
import { runTests } from './run-tests';
import type { Verdict } from './verdict';

/** npm run test:mutants: takes each safeguard away in turn, and has what should notice run. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      left: { type: 'boolean', default: false },
      lanes: { type: 'string' },
    },
  });
  const killed = values.left ? killedBefore() : new Set<string>();
  const chosen = namedMutants().filter(
    (one) => isChosen(one, values.only) && !killed.has(one.name),
  );
  if (chosen.length === 0) throw new Error('There is no such guard');
  for (const program of [TEMPORAL_CLI, TEMPORAL_TEST_SERVER])
    process.env[program.pathVariable] = await resolveProgram(program, { onProgress: console.log });
  const lanes = Number(values.lanes ?? Math.min(2, availableParallelism()));
  const verdicts = new Map<string, Verdict & { seconds: number }>();
  const queue = bySuite(chosen);
  await Promise.all(
    Array.from({ length: Math.min(lanes, queue.length) }, async () => {
      const lane = await openLane();
      try {
        for (let suite = queue.shift(); suite !== undefined; suite = queue.shift())
          await tryMutants(lane, suite, async (name, verdict) => {
            verdicts.set(name, verdict);
            await writeReport(verdicts);
            const { fate, how = '', said, seconds } = verdict;
            console.log(`${fate.padEnd(8)} ${how.padEnd(9)} ${seconds} s  ${name}`);
            if (fate !== 'killed') console.log(`         ${said}`);
          });
      } finally {
        await lane.close();
      }
    }),
  );
  const left = [...verdicts].filter(([, { fate }]) => fate !== 'killed');
  console.log(`${verdicts.size - left.length} of ${verdicts.size} mutants were killed.`);
  for (const [name, { fate }] of left) console.log(`${fate}: ${name}`);
  process.exitCode = left.length === 0 ? 0 : 1;
}

/** By a part of the guard's words, or of the path of the suite that is to notice. */
function isChosen({ name, mutant }: NamedMutant, only: string[] | undefined): boolean {
  if (only === undefined) return true;
  const texts = [name, mutant.noticedBy.suite].map((text) => text.toLowerCase());
  return only.some((part) => texts.some((text) => text.includes(part.toLowerCase())));
}

/** Those that one suite is to notice follow each other: it has been compiled then. */
function bySuite(mutants: readonly NamedMutant[]): NamedMutant[][] {
  const suites = new Map<string, NamedMutant[]>();
  for (const one of mutants) {
    const { suite } = one.mutant.noticedBy;
    suites.set(suite, [...(suites.get(suite) ?? []), one]);
  }
  return [...suites.values()];
}

/** First without any mutant: a test that fails by itself would notice everything. */
async function tryMutants(
  lane: Lane,
  mutants: readonly NamedMutant[],
  told: (name: string, verdict: Verdict & { seconds: number }) => Promise<void>,
): Promise<void> {
  const suite = mutants[0]?.mutant.noticedBy.suite ?? '';
  const names = mutants.map(({ mutant }) => mutant.noticedBy.tests ?? '');
  const tests = names.includes('') ? undefined : names.join('|');
  const sound = await runTests(lane, { suite, ...(tests === undefined ? {} : { tests }) });
  for (const { name, mutant } of mutants) {
    if (sound.fate !== 'survived') {
      const said = `it does not pass without a mutant: ${sound.said}`;
      await told(name, { fate: 'broken', said, seconds: sound.seconds });
      continue;
    }
    try {
      await told(name, await lane.withMutant(mutant, () => runTests(lane, mutant.noticedBy)));
    } catch (failure) {
      await told(name, { fate: 'broken', said: String(failure), seconds: 0 });
    }
  }
}

main().catch((failure: unknown) => {
  console.error(failure);
  process.exitCode = 1;
});
