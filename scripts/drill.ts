import { Command } from 'commander';
import { databaseRestored } from './drills/database-restored';
import { Drill, type DrillReport } from './drills/drill';
import { DrillStack } from './drills/stack';
import { temporalLost } from './drills/temporal-lost';
import { temporalRestored } from './drills/temporal-restored';
import { describeError } from './stack/failure';
import { Shutdown } from './stack/shutdown';

const DRILLS: Record<string, (drill: Drill) => Promise<void>> = {
  'database-restored': databaseRestored,
  'temporal-restored': temporalRestored,
  'temporal-lost': temporalLost,
};

/** npm run drill -- [names]: plays disasters of docs/recovery.md on a cluster of its own. */
async function main(): Promise<void> {
  const program = new Command('npm run drill --')
    .description('Plays what docs/recovery.md describes on a cluster of its own, and judges it.')
    .argument('[names...]', `of ${Object.keys(DRILLS).join(', ')}; all, unless some are named`)
    .option('--json', 'print the reports as one JSON array', false)
    .parse();
  const { json } = program.opts<{ json: boolean }>();
  const names = program.args.length > 0 ? program.args : Object.keys(DRILLS);
  const shutdown = new Shutdown();
  shutdown.whenAsked();
  let exitCode = 1;
  try {
    const reports = await play(names, shutdown, json);
    if (json) console.log(JSON.stringify(reports, null, 2));
    exitCode = reports.every(({ findings }) => findings.length === 0) ? 0 : 1;
  } catch (error) {
    if (shutdown.begun) return;
    console.error(process.env.DEBUG ? error : describeError(error));
  }
  await shutdown.endProcess(exitCode);
}

async function play(names: string[], shutdown: Shutdown, json: boolean): Promise<DrillReport[]> {
  const say = json ? console.error : console.log;
  const stack = await DrillStack.open(shutdown);
  const reports: DrillReport[] = [];
  for (const name of names) {
    const work = DRILLS[name];
    if (work === undefined) throw new Error(`There is no drill named ${name}`);
    say(`\n━━ ${name}`);
    const drill = new Drill(name, stack, say);
    await work(drill);
    const report = drill.report();
    reports.push(report);
    say(describe(report));
  }
  return reports;
}

function describe({ customers, byHand, findings, seconds }: DrillReport): string {
  return [
    `Customers: ${Object.entries(customers)
      .map(([what, count]) => `${count} ${what}`)
      .join('; ')}.`,
    ...byHand.map((text) => `By hand: ${text}.`),
    ...findings.map((text) => `NOT AS IT MUST BE: ${text}`),
    `${findings.length === 0 ? 'All is as customers were told' : `${findings.length} findings`}, after ${seconds} s.`,
  ].join('\n');
}

void main();
