import { randomFrom } from '../support/random';
import type { FaultKind } from './history/format';

/** A fault of a run: when it begins, what it hits, and for how long. */
export interface PlannedFault {
  id: string;
  /** Milliseconds since customers came. */
  atMs: number;
  kind: FaultKind;
  /** A part of the system, or a connection. */
  target: string;
  /** How long it stays; what it hit may need some time after that. */
  lastsMs: number;
  /** What else there is to say of it, by its kind. */
  details: Record<string, number | string>;
}

/** What there is to be broken. */
export interface Targets {
  parts: readonly string[];
  workers: readonly string[];
  links: readonly string[];
  /** Kinds that this machine can't have. */
  leftOut: readonly FaultKind[];
}

interface Mixed {
  kind: FaultKind;
  /** How many of a bag are of this kind. */
  share: number;
  /** The shortest and the longest, in milliseconds. */
  lastsMs: readonly [number, number];
}

/**
 * What the faults of a run are drawn from, like balls from a bag that is filled again when it is
 * empty: a long run has all of them, and each as often as this says.
 */
const MIX: readonly Mixed[] = [
  { kind: 'kill', share: 8, lastsMs: [0, 0] },
  // Longer than a heartbeat, a health check or a client waits; and shorter.
  { kind: 'stop', share: 6, lastsMs: [1_000, 12_000] },
  { kind: 'latency', share: 2, lastsMs: [5_000, 12_000] },
  { kind: 'reset', share: 2, lastsMs: [1_000, 4_000] },
  { kind: 'half-open', share: 3, lastsMs: [3_000, 12_000] },
  { kind: 'bandwidth', share: 1, lastsMs: [5_000, 10_000] },
  { kind: 'cut-before', share: 2, lastsMs: [1_000, 4_000] },
  { kind: 'cut-after', share: 4, lastsMs: [1_000, 4_000] },
  { kind: 'disk-full', share: 2, lastsMs: [2_000, 6_000] },
  { kind: 'clock', share: 1, lastsMs: [10_000, 20_000] },
  { kind: 'provider-storm', share: 1, lastsMs: [8_000, 15_000] },
  { kind: 'pool', share: 2, lastsMs: [3_000, 7_000] },
  { kind: 'scale', share: 1, lastsMs: [2_000, 8_000] },
];

/** Customers first buy something. */
const BEGINS_MS = 4_000;
const PAUSE_MS = [1_000, 4_000] as const;
/** Now and then everything is whole for a while, so that what must work then is seen to. */
const FAULTS_BETWEEN_LULLS = 10;
const LULL_MS = 10_000;
/** Of faults at once, beside a release. */
const MOST_AT_ONCE = 2;
/** What ends, or starts again, needs until it serves, about. */
const RECOVERY_MS = 6_000;
/** What a release needs, restarting one process after another. */
const ROLLOUT_MS = 40_000;
/** What restarts processes by itself, one of them at a time. */
const RESTARTING: readonly FaultKind[] = ['clock', 'scale', 'rollout', 'rollback'];
/** A run that is shorter has no time for a release and its rollback. */
const SHORTEST_WITH_RELEASE_MS = 90_000;
/** A long run has one in each stretch of at least this length. */
const RELEASE_EVERY_MS = 20 * 60_000;

/** Of the receivers of webhooks, so many are thought of: there are more of them than of anything. */
const OUTSIDE_SHARE = 0.3;

/** Clocks differ by a minute. */
const CLOCK_SECONDS = 60;

/**
 * Plans the faults of a run. The same seed, length and targets give the same plan; no fault lasts
 * past the end.
 */
export function planFaults(seed: number, durationMs: number, targets: Targets): PlannedFault[] {
  const random = randomFrom(seed);
  const faults: PlannedFault[] = planReleases(durationMs);
  const mix = MIX.filter(({ kind }) => !targets.leftOut.includes(kind));
  let bag: Mixed[] = [];
  let atMs = BEGINS_MS;
  for (let count = 1; ; count += 1) {
    if (bag.length === 0) bag = shuffled(random, mix.flatMap(copies));
    const { kind, lastsMs } = bag.pop() as Mixed;
    const [target, details] = aim(random, kind, targets);
    const fault = {
      id: `fault-${count}`,
      kind,
      target,
      details,
      lastsMs: Math.round(between(random, lastsMs)),
    };
    // Not more at once than that, and nothing is broken twice at once.
    while (atMs < durationMs && isTooMuch(faults, { ...fault, atMs })) atMs += 500;
    if (atMs + fault.lastsMs + RECOVERY_MS > durationMs) break;
    faults.push({ ...fault, atMs: Math.round(atMs) });
    atMs += between(random, PAUSE_MS);
    if (count % FAULTS_BETWEEN_LULLS === 0) atMs += LULL_MS;
  }
  return faults.sort((a, b) => a.atMs - b.atMs);
}

/** A release and its rollback, in every stretch of a run. */
function planReleases(durationMs: number): PlannedFault[] {
  if (durationMs < SHORTEST_WITH_RELEASE_MS) return [];
  const count = Math.max(1, Math.floor(durationMs / RELEASE_EVERY_MS));
  const stretchMs = durationMs / count;
  return Array.from({ length: count }, (_, stretch) => {
    const of = (kind: 'rollout' | 'rollback', share: number): PlannedFault => ({
      id: `${kind}-${stretch + 1}`,
      kind,
      target: 'all',
      lastsMs: 0,
      atMs: Math.round(stretchMs * (stretch + share)),
      details: { build: kind === 'rollout' ? 'next' : 'dev' },
    });
    return [of('rollout', 0.3), of('rollback', 0.65)];
  }).flat();
}

function isTooMuch(faults: readonly PlannedFault[], fault: PlannedFault): boolean {
  const others = faults.filter((other) => other.atMs < endOf(fault) && fault.atMs < endOf(other));
  const restarts = ({ kind }: PlannedFault) => RESTARTING.includes(kind);
  return (
    others.filter((other) => !isRelease(other)).length >= MOST_AT_ONCE ||
    others.some((other) => other.target === fault.target || other.kind === fault.kind) ||
    (restarts(fault) && others.some(restarts))
  );
}

const isRelease = ({ kind }: PlannedFault) => kind === 'rollout' || kind === 'rollback';

function endOf(fault: PlannedFault): number {
  const { atMs, lastsMs, kind } = fault;
  if (isRelease(fault)) return atMs + ROLLOUT_MS;
  const needsTime = ['kill', 'stop', 'disk-full', ...RESTARTING].includes(kind);
  return atMs + lastsMs + (needsTime ? RECOVERY_MS : 0);
}

function aim(
  random: () => number,
  kind: FaultKind,
  { parts, workers, links: all }: Targets,
): [target: string, details: PlannedFault['details']] {
  const links = all.filter((name) => random() < OUTSIDE_SHARE || !name.startsWith('workers→'));
  switch (kind) {
    case 'kill':
    case 'stop':
      return [oneOf(random, parts), {}];
    case 'latency':
      return [oneOf(random, links), { milliseconds: Math.round(between(random, [200, 2_000])) }];
    case 'bandwidth':
      return [oneOf(random, links), { kilobytesPerSecond: Math.round(between(random, [1, 20])) }];
    case 'reset':
    case 'half-open':
    case 'cut-before':
    case 'cut-after':
      return [oneOf(random, links), {}];
    case 'disk-full':
      return ['disk', {}];
    case 'clock':
      return [
        oneOf(
          random,
          parts.filter((part) => workers.includes(part) || part.startsWith('api')),
        ),
        { seconds: oneOf(random, [-CLOCK_SECONDS, CLOCK_SECONDS]) },
      ];
    case 'provider-storm':
      return ['provider', { milliseconds: 500 }];
    case 'pool':
      return ['postgres', { how: oneOf(random, ['connections', 'locks']) }];
    case 'scale':
      return ['workers', {}];
    case 'rollout':
    case 'rollback':
      throw new Error('Bug: releases are planned by themselves');
  }
}

function copies(mixed: Mixed): Mixed[] {
  return Array.from({ length: mixed.share }, () => mixed);
}

function shuffled<T>(random: () => number, items: T[]): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [items[last], items[other]] = [items[other] as T, items[last] as T];
  }
  return items;
}

export function between(random: () => number, [low, high]: readonly [number, number]): number {
  return low + random() * (high - low);
}

export function oneOf<T>(random: () => number, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)] as T;
}
