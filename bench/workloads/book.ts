import type { Options } from '../options';
import type { Run, ServerKind } from '../report/results';
import type { PeerName } from '../systems/system';
import { onLab, startSystems, type Bench } from './bench';
import { runRounds } from './rounds';

/** The others don't run on Temporal: another server of it makes no difference to them. */
const ON_TEMPORAL = { ours: true, floor: true, textbook: true };

/** This project and its peers side by side: create and pay, in a closed loop. */
export async function book(bench: Bench, server: ServerKind): Promise<Run> {
  const { only, clients = [16] } = bench.options;
  const names = server === 'full' ? only : only.filter((name) => name in ON_TEMPORAL);
  return runSideBySide(bench, { workload: 'book', server, names, clients, others: bench.options });
}

/** This project alone with more and more customers at once: that must not mean fewer bookings. */
export async function clients(bench: Bench): Promise<Run> {
  const { clients: numbers = [4, 16, 32, 64] } = bench.options;
  const names: PeerName[] = ['ours'];
  return runSideBySide(bench, { workload: 'clients', server: 'full', names, clients: numbers });
}

interface Plan extends Pick<Run, 'workload' | 'server'> {
  names: PeerName[];
  clients: number[];
  others?: Pick<Options, 'filled' | 'beside'>;
}

async function runSideBySide(bench: Bench, { server, names, others, ...plan }: Plan): Promise<Run> {
  const { apis, workers, rounds, warmUp, duration }: Options = bench.options;
  return onLab(bench, { server, size: { apis, workers } }, async (lab) => {
    const { systems, goods, instruments } = await startSystems(lab, names, others);
    const load = { warmUpSeconds: warmUp, seconds: duration };
    return runRounds({ ...plan, systems, goods, instruments, server, rounds, load });
  });
}
