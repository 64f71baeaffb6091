import { Command, InvalidArgumentError } from 'commander';
import { wholeNumber } from './measure/options';
import type { ServerKind } from './report/results';
import { SYSTEM_NAMES, type PeerName } from './systems/system';
import { WORKLOAD_NAMES, type WorkloadName } from './workloads/workload';

export interface Options {
  workloads: WorkloadName[];
  only: PeerName[];
  /** A data folder with filled books, on which ours is measured once more. */
  filled?: string;
  /** Another checkout of this project, which is measured, too. */
  beside?: string;
  servers: ServerKind[];
  /** Undefined: as the workload has it. */
  clients?: number[];
  rounds: number;
  duration: number;
  warmUp: number;
  apis: number;
  workers: number;
  claimRounds: number;
  claimClients: number;
  claimSeconds: number;
  overloadSeconds: number;
  /** Of the soak. */
  soakMinutes: number;
  /** Of the rush. */
  customers: number;
  expiringHolds: number;
  beforeSeconds: number;
  openHolds: number[];
  /** Of flights that are cancelled. */
  disruptedBookings: number;
  openBookings: number;
  publish: boolean;
  /** Compare with the last published ratios, and fail when one has fallen. */
  compare: boolean;
  json: boolean;
  /** What was typed, for the report. */
  command: string;
}

type Given = Omit<
  Options,
  'compare' | 'command' | 'workloads' | 'only' | 'servers' | 'soakMinutes'
> & { minutes: number } & Partial<Pick<Options, 'workloads' | 'only' | 'servers'>> & {
    quick: boolean;
  };

/** What `--quick` is short for: three minutes where the programs are there. */
const QUICK = {
  workloads: ['book', 'claims'],
  only: ['ours', 'floor'],
  servers: ['full'],
  clients: [16],
  rounds: 3,
  duration: 8,
  warmUp: 4,
  claimRounds: 1,
  claimSeconds: 6,
} satisfies Partial<Options>;

/** Reads the command line; explains itself and exits on `--help` or what it doesn't understand. */
export function parseOptions(argv = process.argv): Options {
  const given = new Command('npm run bench --')
    .description('Measures this project and its peers side by side, on servers of its own.')
    .option('--workloads <names>', 'what is measured, or "all"', workloads)
    .option('--only <systems>', 'only these systems', listOf(SYSTEM_NAMES))
    .option('--servers <kinds>', "Temporal's servers", listOf(['full', 'dev'] as const))
    .option('--clients <numbers>', 'customers at once', numbers(500))
    .option('--rounds <number>', 'how often each is measured', wholeNumber(1, 100), 5)
    .option('--duration <seconds>', 'how long each time', wholeNumber(1, 600), 15)
    .option('--warm-up <seconds>', 'how long it runs before that', wholeNumber(0, 600), 5)
    .option('--apis <number>', 'API processes of ours', wholeNumber(1, 8), 1)
    .option('--workers <number>', 'workers of ours', wholeNumber(1, 8), 1)
    .option('--filled <folder>', 'ours once more, on books that bench:fill has made')
    .option('--beside <folder>', 'ours once more, from another checkout')
    .option('--claim-rounds <number>', 'how often claims are measured', wholeNumber(1, 100), 3)
    .option('--claim-clients <number>', 'clients that claim at once', wholeNumber(1, 100), 64)
    .option('--claim-seconds <number>', 'how long they claim', wholeNumber(1, 60), 8)
    .option('--overload-seconds <number>', 'how long the overload is', wholeNumber(1, 600), 60)
    .option('--minutes <number>', 'how long the soak is', wholeNumber(1, 720), 5)
    .option('--customers <number>', 'customers of the rush', wholeNumber(1, 50_000), 5_000)
    .option('--expiring-holds <number>', 'that end together', wholeNumber(1, 30_000), 5_000)
    .option('--before-seconds <number>', 'foreground before that', wholeNumber(1, 600), 60)
    .option('--open-holds <numbers>', 'open meanwhile', numbers(50_000), [1_000, 20_000])
    .option(
      '--disrupted-bookings <number>',
      'of cancelled flights',
      wholeNumber(181, 50_000),
      2_000,
    )
    .option('--open-bookings <number>', 'that wait for departure', wholeNumber(4, 100_000), 10_000)
    .option('--quick', 'a short run, compared with bench/baseline.json', false)
    .option('--publish', 'write docs/performance.md and bench/baseline.json', false)
    .option('--json', 'print one JSON object', false)
    .parse(argv)
    .opts<Given>();
  const { quick, minutes, ...options } = given;
  const isWhole = given.only === undefined;
  return {
    workloads: isWhole ? ['book', 'clients', 'claims'] : ['book'],
    only: [...SYSTEM_NAMES],
    servers: isWhole ? ['full', 'dev'] : ['full'],
    ...options,
    soakMinutes: minutes,
    ...(quick ? QUICK : {}),
    compare: quick,
    command: ['npm run bench --', ...argv.slice(2)].join(' '),
  };
}

function workloads(text: string): WorkloadName[] {
  return text === 'all' ? [...WORKLOAD_NAMES] : listOf(WORKLOAD_NAMES)(text);
}

function listOf<Name extends string>(names: readonly Name[]): (text: string) => Name[] {
  return (text) =>
    text.split(',').map((given) => {
      const known = names.find((name) => name === given);
      if (known === undefined) throw new InvalidArgumentError(`There are ${names.join(', ')}.`);
      return known;
    });
}

function numbers(most: number): (text: string) => number[] {
  return (text) => text.split(',').map(wholeNumber(1, most));
}
