import fc from 'fast-check';
import { FAULT_KINDS } from './history/format';
import { planFaults, type PlannedFault, type Targets } from './plan';
import { toxicsOf } from './toxics';

/** A run can be played again, and it always comes to its end. */

const TARGETS: Targets = {
  parts: ['postgres', 'temporal', 'worker-1', 'worker-2', 'api-1', 'proxy'],
  workers: ['worker-1', 'worker-2'],
  links: ['api-1→postgres', 'worker-1→provider', 'worker-2→provider', 'customers→proxy'],
  leftOut: [],
};

test('the same seed plans the same faults, another one plans others', () => {
  expect(planFaults(1, 300_000, TARGETS)).toEqual(planFaults(1, 300_000, TARGETS));
  expect(planFaults(1, 300_000, TARGETS)).not.toEqual(planFaults(2, 300_000, TARGETS));
});

test('every fault ends before the run does, and no target is broken twice at once', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 10_000, max: 900_000 }), (seed, durationMs) => {
      const plan = planFaults(seed, durationMs, TARGETS);
      for (const { atMs, lastsMs } of plan) expect(atMs + lastsMs).toBeLessThan(durationMs);
      for (const [index, fault] of plan.entries())
        for (const other of plan.slice(index + 1))
          if (other.target === fault.target)
            expect(other.atMs).toBeGreaterThanOrEqual(fault.atMs + fault.lastsMs);
    }),
    { numRuns: 50 },
  );
});

test('ten minutes have faults of every kind', () => {
  const kinds = new Set(planFaults(1, 600_000, TARGETS).map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual([...FAULT_KINDS].sort());
});

test('a long run has a release and its rollback every twenty minutes, a short one has one', () => {
  const releasesOf = (minutes: number) =>
    planFaults(1, minutes * 60_000, TARGETS)
      .filter(({ kind }) => kind === 'rollout' || kind === 'rollback')
      .map(({ kind }) => kind);
  expect(releasesOf(1)).toEqual([]);
  expect(releasesOf(3)).toEqual(['rollout', 'rollback']);
  expect(releasesOf(39)).toEqual(['rollout', 'rollback']);
  expect(releasesOf(120)).toEqual(Array(6).fill(['rollout', 'rollback']).flat());
});

test('what a machine can’t have is not planned', () => {
  const plan = planFaults(1, 600_000, { ...TARGETS, leftOut: ['clock', 'disk-full'] });
  expect(plan.map(({ kind }) => kind)).not.toContain('clock');
  expect(plan.map(({ kind }) => kind)).not.toContain('disk-full');
});

test('faults that meet on a connection never ask the proxy for the same name', () => {
  const places = (fault: PlannedFault) =>
    toxicsOf(fault, TARGETS.links).map(({ link, toxic }) => `${link} ${toxic.name}`);
  let meetings = 0;
  for (let seed = 0; seed < 20; seed += 1) {
    const plan = planFaults(seed, 600_000, TARGETS);
    const names = plan.flatMap(places);
    expect(new Set(names).size).toBe(names.length);
    const storms = plan.filter(({ kind }) => kind === 'provider-storm');
    for (const storm of storms)
      meetings += plan.filter((other) => other !== storm && meet(storm, other)).length;
  }
  // The way to the provider is slow by two faults at once, now and then.
  expect(meetings).toBeGreaterThan(0);
});

function meet(storm: PlannedFault, { kind, target, atMs, lastsMs }: PlannedFault): boolean {
  return (
    kind === 'latency' &&
    target.endsWith('→provider') &&
    atMs < storm.atMs + storm.lastsMs &&
    storm.atMs < atMs + lastsMs
  );
}
