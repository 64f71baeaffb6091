import fc from 'fast-check';
import { FAULT_KINDS } from './history/format';
import { planFaults, type Targets } from './plan';

/** A run can be played again, and it always comes to its end. */

const TARGETS: Targets = {
  parts: ['postgres', 'temporal', 'worker-1', 'worker-2', 'api-1', 'proxy'],
  workers: ['worker-1', 'worker-2'],
  links: ['api-1→postgres', 'worker-1→temporal', 'customers→proxy'],
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

test('what a machine can’t have is not planned', () => {
  const plan = planFaults(1, 600_000, { ...TARGETS, leftOut: ['clock', 'disk-full'] });
  expect(plan.map(({ kind }) => kind)).not.toContain('clock');
  expect(plan.map(({ kind }) => kind)).not.toContain('disk-full');
});
