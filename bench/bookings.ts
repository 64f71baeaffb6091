import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { describeError } from '../scripts/stack/failure';
import { Crowd } from './measure/crowd';
import { readHistoryCosts } from './measure/histories';
import { openHotMarket, openMarket } from './measure/market';
import { wholeNumber } from './measure/options';
import { watchProcesses } from './measure/processes';
import { renderReport, reportOf, type Report } from './measure/report';
import { findRunningStack } from './measure/running-stack';
import { Tally } from './measure/tally';

/** npm run bench: customers who book and pay against the running stack, and what that costs. */

interface Options {
  clients: number;
  seconds: number;
  warmUp: number;
  hot: boolean;
  json: boolean;
}

/** In a hot market the last seat is gone for all but one. */
const EXPECTED_WHEN_HOT = 'create: 409 seats_unavailable';

async function bench({ clients, seconds, warmUp, hot, json }: Options): Promise<void> {
  const stack = await findRunningStack();
  const market = await (hot ? openHotMarket(stack.databaseUrl) : openMarket(stack.databaseUrl));
  const say = json ? console.error : console.log;
  say(`${clients} clients warm up for ${warmUp} s, then are measured for ${seconds} s …\n`);

  const tally = new Tally();
  const crowd = new Crowd(stack, market, tally, clients);
  const phase = (length: number) => Promise.race([sleep(length * 1000), crowd.gone]);
  await phase(warmUp);
  const watch = watchProcesses(stack.runDir);
  tally.begin();
  await phase(seconds);
  tally.end();
  const usage = watch?.finish();
  await crowd.goHome();

  const histories = await readHistoryCosts(tally.samples);
  const report = reportOf({ clients, isHot: hot, tally, usage, histories });
  console.log(json ? JSON.stringify(report, null, 2) : renderReport(report));
  if (!isClean(report)) process.exitCode = 1;
}

function isClean({ bookings, errors, market }: Report): boolean {
  const unexpected = Object.keys(errors).filter(
    (code) => !(market === 'one hot flight' && code === EXPECTED_WHEN_HOT),
  );
  return bookings > 0 && unexpected.length === 0;
}

const options = new Command('npm run bench --')
  .description('Books and pays against the running local stack, and shows what that costs.')
  .option('--clients <number>', 'customers at once', wholeNumber(1, 500), 16)
  .option('--seconds <number>', 'how long to measure', wholeNumber(1, 3_600), 20)
  .option('--warm-up <seconds>', 'how long to run before that', wholeNumber(0, 600), 5)
  .option('--hot', 'everyone wants the same flight', false)
  .option('--json', 'print one JSON object', false)
  .parse()
  .opts<Options>();

bench(options).catch((error: unknown) => {
  console.error(describeError(error));
  process.exit(1);
});
