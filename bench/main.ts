import { describeError } from '../scripts/stack/failure';
import { Shutdown } from '../scripts/stack/shutdown';
import { parseOptions, type Options } from './options';
import { renderResults } from './report/console';
import { publish, readBaseline } from './report/publish';
import { fallenSince, ratiosOf, type Ratios } from './report/ratios';
import { isClean, resultsOf, type Results } from './report/results';
import type { Bench } from './workloads/bench';
import { runWorkload } from './workloads/run';
import type { WorkloadName } from './workloads/workload';

/** npm run bench: this project and its peers, side by side on the same servers. */
async function main(options: Options): Promise<void> {
  const shutdown = new Shutdown();
  shutdown.whenAsked();
  let exitCode = 1;
  try {
    exitCode = await run({ options, shutdown });
  } catch (error) {
    if (shutdown.begun) return;
    console.error(`\n${describeError(error)}`);
    if (process.env.DEBUG) console.error(error);
  }
  await shutdown.endProcess(exitCode);
}

/** Returns the exit code. Each workload has servers of its own, with empty databases. */
async function run(bench: Bench): Promise<number> {
  const { options, shutdown } = bench;
  const results: Results = { runs: [], claims: [], findings: [] };
  let failed = 0;
  for (const workload of options.workloads) {
    if (!options.json) console.log(`\n${workload}`);
    try {
      await runWorkload(workload, bench, results);
      if (options.publish) await publishPart(bench, workload, results);
    } catch (error) {
      // The others are still worth their time.
      if (shutdown.begun || options.workloads.length === 1) throw error;
      failed += 1;
      console.error(`${workload}: ${describeError(error)}`);
      await shutdown.endParts();
    }
  }
  const ratios = ratiosOf(results);
  console.log(
    options.json
      ? JSON.stringify({ machine: bench.machine, ratios, results }, null, 2)
      : `\n${renderResults(results, ratios)}`,
  );
  const fallen = options.compare ? compareWithBaseline(ratios) : [];
  return isClean(results) && failed + fallen.length === 0 ? 0 : 1;
}

/** Published at once: what fails later takes nothing away. */
async function publishPart(
  { machine, options: { command } }: Bench,
  workload: WorkloadName,
  results: Results,
): Promise<void> {
  if (machine === undefined) throw new Error('Bug: a workload without servers');
  await publish({ machine, command, workload, results: resultsOf(results, workload) });
}

function compareWithBaseline(ratios: Ratios): string[] {
  const baseline = readBaseline();
  if (!Object.keys(ratios).some((name) => name in baseline)) {
    console.log('\nNone of these ratios is in bench/baseline.json: npm run bench -- --publish.');
    return [];
  }
  const fallen = fallenSince(baseline, ratios);
  console.log(
    fallen.length === 0
      ? '\nNo ratio has fallen by a fifth since bench/baseline.json.'
      : `\nFallen by more than a fifth since bench/baseline.json:\n${fallen.join('\n')}`,
  );
  return fallen;
}

void main(parseOptions());
