import { describeError } from '../scripts/stack/failure';
import { DATABASE } from '../scripts/stack/postgres-cluster';
import { Shutdown } from '../scripts/stack/shutdown';
import { takeSteps } from '../scripts/stack/steps';
import { keepTemplate } from './claims/claims';
import { claimSteps } from './claims/steps';
import { planLab, startServers, type Lab } from './lab/lab';
import { openInstruments } from './measure/instruments';
import { parseOptions, type Options } from './options';
import { renderResults } from './report/console';
import { describeMachine, type Machine } from './report/machine';
import { publish, readBaseline } from './report/publish';
import { fallenSince, ratiosOf, type Ratios } from './report/ratios';
import { isClean, type Results } from './report/results';
import { runRounds } from './rounds';
import { openSystems } from './systems/open';

/** npm run bench: this project and its peers, side by side on the same servers. */
async function bench(options: Options): Promise<void> {
  const shutdown = new Shutdown();
  shutdown.whenAsked();
  let exitCode = 1;
  try {
    exitCode = await run(options, shutdown);
  } catch (error) {
    if (shutdown.begun) return;
    console.error(`\n${describeError(error)}`);
    if (process.env.DEBUG) console.error(error);
  }
  await shutdown.endProcess(exitCode);
}

/** Returns the exit code. */
async function run(options: Options, shutdown: Shutdown): Promise<number> {
  const results: Results = { runs: [], claims: [] };
  let machine: Machine | undefined;
  for (const server of options.servers) {
    const lab = await planLab(server, options, shutdown);
    await startServers(lab);
    machine ??= await describeMachine(lab.postgresUrl);
    const isFirst = results.runs.length === 0;
    if (isFirst && options.claimRounds > 0) await measureAllClaims(lab, options, results);
    if (options.rounds > 0) results.runs.push(await measureSystems(lab, options));
    await shutdown.endParts();
  }
  const ratios = ratiosOf(results);
  console.log(
    options.json
      ? JSON.stringify({ machine, ratios, results }, null, 2)
      : `\n${renderResults(results, ratios)}`,
  );
  if (options.publish && machine !== undefined)
    await publish({ machine, command: options.command, results, ratios });
  const fallen = options.compare ? compareWithBaseline(ratios) : [];
  return isClean(results) && fallen.length === 0 ? 0 : 1;
}

/** Before any system is connected: the claims have copies of our database. */
async function measureAllClaims(lab: Lab, options: Options, results: Results): Promise<void> {
  await keepTemplate(lab.postgresUrl, DATABASE);
  const steps = claimSteps(options.claimRounds, {
    ...{ serverUrl: lab.postgresUrl, flights: lab.flights, rates: results.claims },
    load: {
      clients: options.claimClients,
      seconds: options.claimSeconds,
      folder: lab.cluster.settings.runDir,
    },
  });
  await takeSteps(steps);
}

async function measureSystems(lab: Lab, options: Options) {
  const only =
    lab.server === 'full' ? options.only : options.only.filter((name) => name in ON_TEMPORAL);
  const systems = await openSystems(lab, only, options);
  await takeSteps(systems.flatMap(({ steps }) => steps));
  const { secrets, settings } = lab.cluster;
  const { issuer, audience } = settings;
  return await runRounds({
    systems,
    goods: {
      tokens: { secret: secrets.authJwtSecret, issuer, audience },
      flights: lab.flights,
    },
    instruments: await openInstruments(lab, systems),
    server: lab.server,
    rounds: options.rounds,
    clients: options.clients,
    load: { warmUpSeconds: options.warmUp, seconds: options.duration },
  });
}

/** The others don't run on Temporal: another server of it makes no difference to them. */
const ON_TEMPORAL = { ours: true, floor: true, textbook: true };

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

void bench(parseOptions());
