import type { History } from '../history/read';

/** What a fault reaches, and so what it can excuse. */
export type Area =
  /** Workers, Temporal, either database, their disk, and what connects these. */
  | 'core'
  /** APIs, the proxy before them, and their connections. */
  | 'api'
  | 'provider'
  | 'mail'
  | 'webhooks';

/** A stretch of time, in milliseconds since the run began. */
export interface Stretch {
  from: number;
  to: number;
}

/** When a fault was at work, or what it had broken was not back yet. */
export interface Trouble extends Stretch {
  area: Area;
}

/**
 * Returns the run's troubles, the earliest first. What a fault broke is back with the first booking
 * that a probe gets made after its end.
 */
export function findTroubles({ faults, probes }: Pick<History, 'faults' | 'probes'>): Trouble[] {
  const made = probes.filter(({ endpoint, ok }) => endpoint === 'create' && ok);
  return faults
    .map(({ target, begunAt, endedAt }) => {
      const back = made.find(({ at, milliseconds }) => at - milliseconds >= endedAt);
      return { area: areaOf(target), from: begunAt, to: Math.max(endedAt, back?.at ?? endedAt) };
    })
    .sort((a, b) => a.from - b.from);
}

/** A target is a part of the system, or a connection as `worker-1→temporal`. */
function areaOf(target: string): Area {
  const [from, to] = target.split('→');
  if (to === 'mail') return 'mail';
  if (from === 'workers' && to !== undefined) return 'webhooks';
  if (target === 'provider' || to === 'provider') return 'provider';
  return /^(api|proxy|customers)/.test(target) ? 'api' : 'core';
}

/** Returns when there was any trouble of these areas, as stretches that don't touch. */
export function stretchesOf(troubles: readonly Trouble[], areas: readonly Area[]): Stretch[] {
  const joined: Stretch[] = [];
  for (const { area, from, to } of troubles) {
    if (!areas.includes(area)) continue;
    const last = joined.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

/** Whether a stretch of time has nothing to do with any of those. */
export function isApart({ from, to }: Stretch, stretches: readonly Stretch[]): boolean {
  return stretches.every((other) => to < other.from || from > other.to);
}
