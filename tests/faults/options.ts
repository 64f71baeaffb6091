import { Command, InvalidArgumentError } from 'commander';

export interface Options {
  seed: number;
  minutes: number;
  customers: number;
  /** Where the recorded history stays; undefined: in a temporary folder, kept if the run fails. */
  keep?: string;
  /** A recorded history that is only checked once more. */
  check?: string;
  /** A safeguard that is taken out, in a copy of the product, to see the checker notice. */
  plant?: string;
}

/** Reads the command line; explains itself and exits on `--help` or what it doesn't understand. */
export function parseOptions(argv: string[]): Options {
  return new Command('npm run test:faults --')
    .description(
      'Customers book, pay, change and cancel on the cluster while a nemesis breaks it. All that\n' +
        'they are told is recorded, and judged when everything is whole again.',
    )
    .option('--seed <number>', 'repeats the plan of an earlier run', wholeNumber, Date.now() % 1e6)
    .option('--minutes <number>', 'how long', positiveNumber, 3)
    .option('--customers <number>', 'how many at once', wholeNumber, 6)
    .option('--keep <folder>', 'where the recorded history stays')
    .option('--check <folder>', 'only checks the recorded history in this folder once more')
    .option('--plant <name>', 'takes a safeguard out of a copy, and says if the checker noticed')
    .parse(argv, { from: 'user' })
    .opts<Options>();
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

function positiveNumber(text: string): number {
  const number = Number(text);
  if (!(number > 0 && number <= 600)) throw new InvalidArgumentError('It must be from 0 to 600.');
  return number;
}
