import { Command, InvalidArgumentError } from 'commander';
import { describeError } from '../scripts/stack/failure';
import { takeSteps } from '../scripts/stack/steps';
import { chooseFlights, planLab, startServers, type Lab } from './lab/lab';
import { openInstruments } from './measure/instruments';
import { wholeNumber } from './measure/options';
import { renderResults } from './report/console';
import { runRounds } from './rounds';
import { openSystems } from './systems/open';
import { SYSTEM_NAMES, type SystemName } from './systems/system';

/** npm run bench: this project and its peers, side by side on the same servers. */

interface Options {
  only: SystemName[];
  clients: number;
  rounds: number;
  duration: number;
  warmUp: number;
  apis: number;
  workers: number;
  json: boolean;
}

async function bench(options: Options): Promise<void> {
  const lab = await planLab(options);
  lab.shutdown.whenAsked();
  try {
    process.exitCode = await run(lab, options);
  } catch (error) {
    if (lab.shutdown.begun) return;
    console.error(`\n${describeError(error)}`);
    if (process.env.DEBUG) console.error(error);
    process.exitCode = 1;
  }
  await lab.shutdown.endProcess(process.exitCode);
}

async function run(lab: Lab, options: Options): Promise<number> {
  await startServers(lab);
  const systems = await openSystems(lab, options.only);
  await takeSteps(systems.flatMap(({ steps }) => steps));
  const { secrets, settings } = lab.cluster;
  const { issuer, audience } = settings;
  const results = await runRounds({
    systems,
    goods: {
      tokens: { secret: secrets.authJwtSecret, issuer, audience },
      flights: await chooseFlights(lab),
    },
    instruments: await openInstruments(lab, systems),
    rounds: options.rounds,
    load: {
      clients: options.clients,
      warmUpSeconds: options.warmUp,
      seconds: options.duration,
    },
  });
  console.log(options.json ? JSON.stringify(results, null, 2) : `\n${renderResults(results)}`);
  const isClean = results.measurements.every(({ errors }) => Object.keys(errors).length === 0);
  return isClean && results.violations.length === 0 ? 0 : 1;
}

function systemNames(text: string): SystemName[] {
  return text.split(',').map((name) => {
    const known = SYSTEM_NAMES.find((one) => one === name);
    if (known === undefined)
      throw new InvalidArgumentError(`There are ${SYSTEM_NAMES.join(', ')}.`);
    return known;
  });
}

const options = new Command('npm run bench --')
  .description('Measures this project and its peers side by side, on servers of its own.')
  .option('--only <systems>', 'these systems', systemNames, [...SYSTEM_NAMES])
  .option('--clients <number>', 'customers at once', wholeNumber(1, 500), 16)
  .option('--rounds <number>', 'how often each is measured', wholeNumber(1, 100), 5)
  .option('--duration <seconds>', 'how long each time', wholeNumber(1, 3_600), 15)
  .option('--warm-up <seconds>', 'how long it runs before that', wholeNumber(0, 600), 5)
  .option('--apis <number>', 'API processes of ours', wholeNumber(1, 8), 1)
  .option('--workers <number>', 'workers of ours', wholeNumber(1, 8), 1)
  .option('--json', 'print one JSON object', false)
  .parse()
  .opts<Options>();

void bench(options);
