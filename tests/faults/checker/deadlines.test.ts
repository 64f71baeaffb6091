import type { Fault, History } from '../history/read';
import { findHolds } from './deadlines';
import { playIdealRun } from './ideal-shop';
import { tell } from './story';

/** A run with a hold that expired, and when that was to be. */
function runWithHold() {
  for (let seed = 1; ; seed += 1) {
    const history = playIdealRun(seed);
    const [hold] = findHolds(history, tell(history));
    if (hold !== undefined) return { history, hold };
  }
}

function withFaults(history: History, faults: Pick<Fault, 'target' | 'begunAt' | 'endedAt'>[]) {
  history.faults = faults.map((fault, index) => ({
    id: `fault-${index}`,
    kind: 'stop',
    details: {},
    ...fault,
  }));
  // The first booking is made at once.
  history.probes = history.faults.map(({ endedAt }) => ({
    endpoint: 'create',
    status: 201,
    ok: true,
    wall: '',
    at: endedAt,
    milliseconds: 0,
  }));
  return findHolds(history, tell(history))[0];
}

test.each(['worker-1', 'postgres', 'temporal', 'temporal-postgres', 'worker-2→postgres', 'disk'])(
  'a hold waits for %s until 2 s after its return',
  (target) => {
    const { history, hold } = runWithHold();
    const at = { begunAt: hold.deadline - 5_000, endedAt: hold.deadline + 3_000 };
    expect(withFaults(history, [{ target, ...at }])?.excusedUntil).toBe(at.endedAt);
  },
);

test.each([
  'api-1',
  'proxy',
  'workers→mail',
  'workers→shop-1',
  'worker-1→provider',
  'api-2→postgres',
])('no hold waits for %s', (target) => {
  const { history, hold } = runWithHold();
  const at = { begunAt: hold.deadline - 5_000, endedAt: hold.deadline + 60_000 };
  expect(withFaults(history, [{ target, ...at }])?.excusedUntil).toBe(hold.deadline);
});

test('a fault that begins when the 2 s are over comes too late to be an excuse', () => {
  const { history, hold } = runWithHold();
  const late = { begunAt: hold.deadline + 2_001, endedAt: hold.deadline + 60_000 };
  expect(withFaults(history, [{ target: 'postgres', ...late }])?.excusedUntil).toBe(hold.deadline);
});

test('a fault is over with the first booking that can be made after its end', () => {
  const { history, hold } = runWithHold();
  const { deadline } = hold;
  const fault = { begunAt: deadline, endedAt: deadline + 1_000 };
  withFaults(history, [{ target: 'postgres', ...fault }]);
  const made = { endpoint: 'create', wall: '', milliseconds: 100 } as const;
  history.probes = [
    { ...made, status: 503, ok: false, at: deadline + 1_500 },
    { ...made, status: 201, ok: true, at: deadline + 4_000 },
  ];
  expect(findHolds(history, tell(history))[0]?.excusedUntil).toBe(deadline + 4_000);
});
