import fc from 'fast-check';
import { ConcurrencyLimit, type Slot } from './concurrency-limit';
import { LEAST_LIMIT } from './next-limit';

const OBJECTIVE_MS = 1_000;

/** A limit, and a clock that moves only when it is told to. */
function atRest(least = LEAST_LIMIT) {
  let now = 0;
  const limit = new ConcurrencyLimit({ objectiveMs: OBJECTIVE_MS, least }, () => now);
  return { limit, pass: (milliseconds: number) => (now += milliseconds) };
}

const commands = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant('acquire' as const),
      identity: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
    }),
    fc.record({ do: fc.constant('release' as const), which: fc.nat() }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.nat({ max: 5_000 }) }),
  ),
  { maxLength: 600, size: 'max' },
);

test('whatever comes and goes, no more are in flight than the limit, and one key counts once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 8 }), commands, (least, steps) => {
      const { limit, pass } = atRest(least);
      const taken: Slot[] = [];
      for (const step of steps) {
        if (step.do === 'wait') pass(step.ms);
        else if (step.do === 'release') {
          const [slot] = taken.splice(step.which % Math.max(1, taken.length), 1);
          if (slot !== undefined) limit.release(slot, { isSample: true });
        } else {
          const { inFlight, limit: most } = limit.state;
          const isKnown = taken.some(
            ({ identity }) => identity !== undefined && identity === step.identity,
          );
          const slot = limit.acquire(step.identity);
          // Nobody is refused while there is room, nor for a key that has a slot.
          expect(slot !== undefined).toBe(isKnown || inFlight < most);
          if (slot !== undefined) taken.push(slot);
        }
        const slots = new Set(taken);
        expect(limit.state.inFlight).toBe(slots.size);
        const identities = [...slots].map(({ identity }) => identity).filter(Boolean);
        expect(new Set(identities).size).toBe(identities.length);
      }
      for (const slot of taken) limit.release(slot, { isSample: false });
      expect(limit.state.inFlight).toBe(0);
    }),
  );
});

/** Keeps as many requests in flight as are admitted, each for the given time. */
function flood({ limit, pass }: ReturnType<typeof atRest>, seconds: number, takesMs: number) {
  for (let passed = 0; passed < seconds * 1_000; passed += takesMs) {
    const slots: Slot[] = [];
    for (let slot = limit.acquire(); slot !== undefined; slot = limit.acquire()) slots.push(slot);
    pass(takesMs);
    for (const slot of slots) limit.release(slot, { isSample: true });
  }
}

test('fast work admits more, and slow work no more than 64 again', () => {
  const api = atRest();
  flood(api, 30, 50);
  expect(api.limit.state.limit).toBeGreaterThan(200);
  flood(api, 60, 2_000);
  expect(api.limit.state).toEqual({ limit: 64, inFlight: 0, meanMs: 2_000 });
});

test('refusals, which take no time, do not make slow work look fast', () => {
  const api = atRest();
  for (let round = 0; round < 20; round += 1) {
    const slots = Array.from({ length: 64 }, () => api.limit.acquire() as Slot);
    for (const slot of slots.slice(10)) api.limit.release(slot, { isSample: false });
    api.pass(2_000);
    for (const slot of slots.slice(0, 10)) api.limit.release(slot, { isSample: true });
  }
  expect(api.limit.state).toMatchObject({ limit: 64, meanMs: 2_000 });
});
