import { claimRatios } from './claim-ratios';
import { ownOf, type Figures } from './figures';
import { rounded } from './numbers';
import { figuresOfRun, type Results } from './results';

/** Ratios of one run, each by its name. The higher, the better we are. */
export type Ratios = Record<string, number>;

/**
 * Compares us with the others of the same run. What slows the machine down slows all of them, so
 * these can be compared with another day's and, less so, with another machine's.
 */
export function ratiosOf(results: Results): Ratios {
  const ratios: Ratios = {};
  for (const run of results.runs) {
    const figures = figuresOfRun(run);
    const suffix = run.server === 'full' ? '' : ', dev server';
    Object.assign(ratios, scaling(figures, suffix), filling(figures, suffix));
    if (run.workload === 'clients') continue;
    for (const ours of figures.filter(({ system }) => system === 'ours')) {
      for (const peer of figures.filter(isPeerOf(ours)))
        Object.assign(ratios, compare(ours, peer, suffix));
      ratios[`20 ÷ statements per booking, ${ours.clients} clients${suffix}`] =
        20 / ownOf(ours.statementsByRole);
    }
  }
  Object.assign(ratios, claimRatios(results.claims));
  return Object.fromEntries(
    Object.entries(ratios)
      .filter(([, value]) => Number.isFinite(value))
      .map(([name, value]) => [name, rounded(value, 3)]),
  );
}

const isPeerOf = (ours: Figures) => (other: Figures) =>
  other.system !== 'ours' && other.system !== 'filled' && other.clients === ours.clients;

function compare(ours: Figures, peer: Figures, suffix: string): Ratios {
  const at = `${ours.clients} clients${suffix}`;
  const ratios: Ratios = {
    [`bookings/s, ours ÷ ${peer.system}, ${at}`]:
      ours.bookingsPerSecond.median / peer.bookingsPerSecond.median,
    [`CPU per booking, ${peer.system} ÷ ours, ${at}`]: peer.cpuMs.median / ours.cpuMs.median,
  };
  if (peer.stateTransitions !== undefined && ours.stateTransitions !== undefined)
    ratios[`state transitions per booking, ${peer.system} ÷ ours, ${at}`] =
      peer.stateTransitions.median / ours.stateTransitions.median;
  return ratios;
}

/** More clients must not mean fewer bookings. */
function scaling(figures: readonly Figures[], suffix: string): Ratios {
  const ours = figures.filter(({ system }) => system === 'ours');
  const fewest = [...ours].sort((a, b) => a.clients - b.clients)[0];
  if (fewest === undefined) return {};
  return Object.fromEntries(
    ours
      .filter((one) => one !== fewest)
      .map((one) => [
        `bookings/s, ours at ${one.clients} ÷ ours at ${fewest.clients} clients${suffix}`,
        one.bookingsPerSecond.median / fewest.bookingsPerSecond.median,
      ]),
  );
}

/** Years of settled bookings must not slow down a sale. */
function filling(figures: readonly Figures[], suffix: string): Ratios {
  const ratios: Ratios = {};
  for (const filled of figures.filter(({ system }) => system === 'filled')) {
    const at = `${filled.clients} clients${suffix}`;
    for (const empty of figures)
      if (empty.system === 'ours' && empty.clients === filled.clients) {
        ratios[`bookings/s, filled ÷ empty database, ${at}`] =
          filled.bookingsPerSecond.median / empty.bookingsPerSecond.median;
        ratios[`CPU per booking, empty ÷ filled database, ${at}`] =
          empty.cpuMs.median / filled.cpuMs.median;
      }
  }
  return ratios;
}

/** A ratio that fell by more than this share is a regression. */
const FALL = 0.2;

/** Returns a line for each ratio of both that has fallen by more than a fifth. */
export function fallenSince(baseline: Ratios, now: Ratios): string[] {
  return Object.entries(now).flatMap(([name, value]) => {
    const before = baseline[name];
    if (before === undefined || value >= before * (1 - FALL)) return [];
    return [`${name}: ${value}, and was ${before}`];
  });
}
