import type { Shutdown } from '../../scripts/stack/shutdown';
import { takeSteps, type Start } from '../../scripts/stack/steps';
import type { Shop } from '../drive/customer';
import type { Size } from '../../scripts/cluster/scratch';
import { planLab, startServers, type Lab } from '../lab/lab';
import { openInstruments } from '../measure/instruments';
import type { Instruments } from '../measure/measure';
import type { Options } from '../options';
import { describeMachine, type Machine } from '../report/machine';
import type { ServerKind } from '../report/results';
import { openSystems } from '../systems/open';
import type { PeerName, System } from '../systems/system';

/** One run of the benchmark. */
export interface Bench {
  options: Options;
  shutdown: Shutdown;
  /** Known when the first servers run. */
  machine?: Machine;
}

/** By the name of the process. */
type EnvironmentOf = (name: string) => Record<string, string>;

interface LabPlan {
  server?: ServerKind;
  /** Left out where SQL alone is measured. */
  withTemporal?: boolean;
  size?: Size;
  /** What processes of ours are told beside the usual. */
  env?: EnvironmentOf;
  /** Days on sale, from today on. */
  scheduleDays?: number;
}

/** Enough for a choice of flights, and little to load. */
const SCHEDULE_DAYS = 2;

const ONE_OF_EACH: Size = { apis: 1, workers: 1 };

/** Runs work on servers with empty databases. They end with it. */
export async function onLab<T>(
  bench: Bench,
  {
    server = 'full',
    withTemporal = true,
    size = ONE_OF_EACH,
    env = () => ({}),
    scheduleDays = SCHEDULE_DAYS,
  }: LabPlan,
  work: (lab: Lab) => Promise<T>,
): Promise<T> {
  const lab = await planLab({ server, size, scheduleDays }, bench.shutdown);
  await startServers(lab, { withTemporal });
  bench.machine ??= await describeMachine(lab.postgresUrl);
  const result = await work({ ...lab, start: withEnvironment(lab.start, env) });
  await bench.shutdown.endParts();
  return result;
}

/** What is started gets more in its environment. */
function withEnvironment(start: Start, environmentOf: EnvironmentOf): Start {
  return (service) =>
    start({
      ...service,
      prepare: async () => {
        const invocation = await service.prepare();
        return {
          ...invocation,
          env: { ...(invocation.env ?? process.env), ...environmentOf(service.name) },
        };
      },
    });
}

/** Systems that run, what looks at them, and what they sell. */
export interface Stack {
  lab: Lab;
  systems: System[];
  instruments: Instruments;
  goods: Pick<Shop, 'tokens' | 'flights'>;
}

/** Starts systems on the servers. */
export async function startSystems(
  lab: Lab,
  names: readonly PeerName[],
  others: Pick<Options, 'filled' | 'beside'> = {},
): Promise<Stack> {
  const systems = await openSystems(lab, names, others);
  await takeSteps(systems.flatMap(({ steps }) => steps));
  const { secrets, settings } = lab.cluster;
  const { issuer, audience } = settings;
  return {
    lab,
    systems,
    instruments: await openInstruments(lab, systems),
    goods: {
      tokens: { secret: secrets.authJwtSecret, issuer, audience },
      flights: lab.flights,
    },
  };
}

/** This project alone. */
export interface OurStack extends Omit<Stack, 'systems' | 'goods'> {
  system: System;
  shop: Shop;
}

/** Runs work with this project alone, on servers of its own. */
export async function withOurs<T>(
  bench: Bench,
  plan: LabPlan,
  work: (stack: OurStack) => Promise<T>,
): Promise<T> {
  return onLab(bench, plan, async (lab) => {
    const { systems, goods, instruments } = await startSystems(lab, ['ours']);
    const [system] = systems;
    if (system === undefined) throw new Error('Bug: ours was not opened');
    return work({ lab, system, instruments, shop: { ...goods, apiUrls: system.apiUrls } });
  });
}
