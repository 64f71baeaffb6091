import type { ClaimRate } from '../claims/market';
import type { SystemName } from '../systems/system';
import type { Bar } from './bars';
import { claimRatios } from './claim-ratios';
import { ownOf, type Figures } from './figures';
import { figuresOfRun, type Run } from './results';

/** Our share of a peer's bookings a second that must be reached. */
const SHARES: Partial<Record<SystemName, number>> = { floor: 0.8, textbook: 1.5, dbos: 0.25 };

/** What a run of whole systems must reach. On Temporal's dev server there is no bar. */
export function barsOfRun(run: Run): Bar[] {
  const figures = figuresOfRun(run);
  if (run.server === 'dev') return [];
  return run.workload === 'clients' ? barsOfClients(figures) : barsOfBooking(figures);
}

function barsOfBooking(figures: readonly Figures[]): Bar[] {
  return figures
    .filter(({ system }) => system === 'ours')
    .flatMap((ours) => [
      ...figures
        .filter(({ system, clients }) => system !== 'ours' && clients === ours.clients)
        .flatMap((peer) => barsBeside(ours, peer)),
      {
        what: 'statements per booking',
        value: ownOf(ours.statementsByRole),
        limit: { atMost: 20 },
      },
      {
        what: 'explicit commits per booking',
        value: ownOf(ours.commitsByRole),
        limit: { atMost: 5 },
      },
    ]);
}

function barsBeside(ours: Figures, peer: Figures): Bar[] {
  const share = SHARES[peer.system];
  const bars: Bar[] = [];
  if (share !== undefined)
    bars.push({
      what: `bookings/s, ours ÷ ${peer.system}, ${ours.clients} clients`,
      value: ours.bookingsPerSecond.median / peer.bookingsPerSecond.median,
      limit: { atLeast: share },
    });
  if (peer.system === 'floor')
    bars.push({
      what: `CPU per booking, ours ÷ floor, ${ours.clients} clients`,
      value: ours.cpuMs.median / peer.cpuMs.median,
      limit: { atMost: 1.35 },
    });
  return bars;
}

function barsOfClients(figures: readonly Figures[]): Bar[] {
  const byClients = [...figures].sort((a, b) => a.clients - b.clients);
  const [fewest, ...more] = byClients;
  if (fewest === undefined) return [];
  const most = byClients.at(-1) ?? fewest;
  return [
    ...more.map((one) => ({
      what: `bookings/s, ${one.clients} clients ÷ ${fewest.clients}`,
      value: one.bookingsPerSecond.median / fewest.bookingsPerSecond.median,
      limit: { atLeast: 1 },
    })),
    {
      what: `timed-out workflow tasks, up to ${most.clients} clients`,
      value: figures.reduce((sum, { timedOutTasks }) => sum + timedOutTasks, 0),
      limit: { atMost: 0 },
    },
  ];
}

/** What claims must reach. */
export function barsOfClaims(rates: readonly ClaimRate[]): Bar[] {
  if (rates.length === 0) return [];
  const ratios = claimRatios(rates);
  return Object.entries(ratios)
    .filter(([name]) => !name.endsWith('pgbench'))
    .map(([what, value]) => ({ what, value, limit: { atLeast: 0.5 } }));
}
