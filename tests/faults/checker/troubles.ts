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
  /** When requests have no excuse any more: `to`, or a little later. */
  quietAt: number;
}

/** Whatever a fault has broken is back after so long, or something else is wrong. */
const LONGEST_RECOVERY_MS = 30_000;

/**
 * Returns the run's troubles, the earliest first. What a fault broke is back with the first booking
 * that a probe gets made after its end. Requests are answered by one API or the other: they have an
 * excuse until a probe has made a whole sale, whose two requests mostly go to both.
 */
export function findTroubles({ faults, probes }: Pick<History, 'faults' | 'probes'>): Trouble[] {
  const begun = probes.map((probe) => ({ ...probe, begunAt: probe.at - probe.milliseconds }));
  const made = begun.filter(({ endpoint, status }) => endpoint === 'create' && status === 201);
  const pays = begun.filter(({ endpoint }) => endpoint === 'pay');
  const sold = made.flatMap(({ begunAt, at }) => {
    const pay = pays.find((one) => one.begunAt >= at);
    return pay?.ok === true ? [{ begunAt, at: pay.at }] : [];
  });
  return faults
    .map(({ target, begunAt: from, endedAt }) => {
      const backAt = (found: { begunAt: number; at: number }[]) =>
        Math.min(
          found.find(({ begunAt }) => begunAt >= endedAt)?.at ?? Infinity,
          endedAt + LONGEST_RECOVERY_MS,
        );
      return { area: areaOf(target), from, to: backAt(made), quietAt: backAt(sold) };
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

/** Returns when requests had an excuse by trouble of these areas, as stretches that don't touch. */
export function stretchesOf(troubles: readonly Trouble[], areas: readonly Area[]): Stretch[] {
  const joined: Stretch[] = [];
  for (const { area, from, quietAt: to } of troubles) {
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
