import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { describeError } from '../scripts/stack/failure';
import { Shutdown } from '../scripts/stack/shutdown';
import { ROOT } from '../scripts/stack/settings';
import { runMeasured, type CommandCost } from './books/command';
import { peakMemoryMb } from './books/memory';
import { startBooks } from './books/stack';
import { measureStatements, type StatementCost } from './books/statements';
import { rounded } from './report/numbers';
import { textTable, type Table } from './report/tables';

/** npm run bench:books: what the checks of the books cost, on filled books and on empty ones. */

interface Options {
  filled: string;
  full: boolean;
}

interface BooksCost {
  books: string;
  commands: CommandCost[];
  workerMb: number;
  statements: StatementCost[];
}

/** What must end within a minute; reconciliation works in the worker, too. */
const COMMANDS = [
  ['audit', '--json'],
  ['stuck', '--json'],
  ['reconcile', '--json'],
];

async function bench({ filled, full }: Options): Promise<void> {
  const shutdown = new Shutdown();
  shutdown.whenAsked();
  const data = path.join(ROOT, '.data');
  mkdirSync(data, { recursive: true });
  const empty = mkdtempSync(path.join(data, 'books-'));
  process.once('exit', () => rmSync(empty, { recursive: true, force: true }));
  try {
    const commands = [...COMMANDS, ...(full ? [['audit', '--full', '--json']] : [])];
    const costs: BooksCost[] = [];
    for (const [books, folder] of [['empty', empty] as const, ['filled', filled] as const])
      costs.push(await measureBooks(books, folder, commands, shutdown));
    console.log(`\n${render(costs)}`);
    const failed = costs
      .flatMap(({ commands: all }) => all)
      .filter(({ exitCode }) => exitCode !== 0);
    await shutdown.endProcess(failed.length === 0 ? 0 : 1);
  } catch (error) {
    console.error(describeError(error));
    await shutdown.endProcess(1);
  }
}

async function measureBooks(
  books: string,
  folder: string,
  commands: string[][],
  shutdown: Shutdown,
): Promise<BooksCost> {
  const stack = await startBooks(folder, shutdown);
  const costs: CommandCost[] = [];
  for (const args of commands) {
    console.log(`${books}: ${args.join(' ')}`);
    costs.push(await runMeasured(args, stack.commands));
  }
  const workerMb = peakMemoryMb(stack.workerPid());
  console.log(`${books}: sales in SQL`);
  const statements = await measureStatements(stack.databaseUrl);
  await shutdown.endParts();
  return { books, commands: costs, workerMb, statements };
}

function render(costs: BooksCost[]): string {
  const rows = costs.flatMap(({ books, commands, workerMb }) => [
    ...commands.map(({ command, exitCode, seconds, peakMb }) => [
      ...[books, command, exitCode ?? 'killed', rounded(seconds, 1), Math.round(peakMb)],
    ]),
    [books, 'the worker, meanwhile', '', '', Math.round(workerMb)],
  ]);
  const complaints = costs.flatMap(({ commands }) =>
    commands.flatMap((one) => one.complaint || []),
  );
  return [
    textTable([['books', 'command', 'exit', 's', 'peak MB'], ...rows]),
    textTable(statementTable(costs)),
    ...complaints,
  ].join('\n\n');
}

function statementTable(costs: BooksCost[]): Table {
  const heads = ['books', 'statement of a sale', 'per sale', 'ms', 'pages', 'read', 'WAL bytes'];
  const rows = costs.flatMap(({ books, statements }) =>
    statements.map(({ statement, perSale, meanMs, pages, pagesRead, walBytes }) => [
      ...[books, statement, rounded(perSale, 1), rounded(meanMs, 3), rounded(pages, 1)],
      ...[rounded(pagesRead, 2), Math.round(walBytes)],
    ]),
  );
  const sums = costs.map(({ books, statements }) => {
    const sum = (of: (one: StatementCost) => number) =>
      statements.reduce((total, one) => total + one.perSale * of(one), 0);
    return [
      ...[
        books,
        'all of a sale',
        '',
        rounded(
          sum((one) => one.meanMs),
          2,
        ),
      ],
      ...[
        rounded(
          sum((one) => one.pages),
          0,
        ),
        rounded(
          sum((one) => one.pagesRead),
          1,
        ),
      ],
      Math.round(sum((one) => one.walBytes)),
    ];
  });
  return [heads, ...rows, ...sums];
}

const options = new Command('npm run bench:books --')
  .description('Measures audit, stuck and reconcile on filled books, and on empty ones.')
  .requiredOption('--filled <folder>', 'a data folder that npm run bench:fill has made')
  .option('--full', 'the audit of everything, too, however long it takes', false)
  .parse()
  .opts<Options>();

void bench(options);
