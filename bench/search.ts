import { Command } from 'commander';
import { describeError } from '../scripts/stack/failure';
import { seedSchedule } from '../src/cli/seed/schedule';
import { dayCounts, wholeNumber } from './measure/options';
import { findRunningStack } from './measure/running-stack';
import { SEARCH_KINDS } from './search/kinds';
import { Sales } from './search/sales';
import { withScratchDatabases } from './search/scratch-database';
import { compareSearches, renderComparison, type Comparison } from './search/searches';

/** npm run bench:search: whether searches cost more with more days on sale, and which cost more. */

interface Options {
  days: number[];
  rounds: number;
  sales: number;
  server?: string;
  json: boolean;
}

async function bench({ days, rounds, sales: perSecond, server, json }: Options): Promise<void> {
  const url = server ?? (await findRunningStack()).databaseUrl;
  const say = json ? console.error : console.log;
  await withScratchDatabases(url, days, async (databases) => {
    for (const { db, days: loaded } of databases) {
      say(`Loading ${loaded} days …`);
      await seedSchedule({ db, hasScenarios: false, days: loaded });
    }
    say(`Searching, with ${perSecond} sales a second in each …`);
    const sales = await Sales.open(databases, perSecond);
    const comparisons: Comparison[] = [];
    try {
      for (const kind of SEARCH_KINDS)
        comparisons.push(await compareSearches(databases, rounds, kind));
    } finally {
      say(`${await sales.close()} seats were sold meanwhile.`);
    }
    console.log(
      json
        ? JSON.stringify(comparisons, null, 2)
        : comparisons.map((comparison) => `\n${renderComparison(comparison)}`).join('\n'),
    );
  });
}

const options = new Command('npm run bench:search --')
  .description('Compares the search with few and with many days loaded, in databases of its own.')
  .option('--days <list>', 'days loaded, one database each', dayCounts, [7, 90])
  .option('--rounds <number>', 'searches in each database', wholeNumber(100, 100_000), 2_000)
  .option('--sales <number>', 'seats sold in each a second meanwhile', wholeNumber(1, 100), 10)
  .option('--server <url>', "another PostgreSQL server than the local stack's, as a superuser")
  .option('--json', 'print one JSON object', false)
  .parse()
  .opts<Options>();

bench(options).catch((error: unknown) => {
  console.error(describeError(error));
  process.exit(1);
});
