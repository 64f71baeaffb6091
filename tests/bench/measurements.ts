import type { Measurement } from '../../bench/measure/measure';

const LATENCY = { count: 100, p50Ms: 10, p99Ms: 50, maxMs: 60 };

/** A round of ours that sold 100 seats in 10 s, unless told otherwise. */
export function measurement(changes: Partial<Measurement> = {}): Measurement {
  return {
    system: 'ours',
    clients: 16,
    seconds: 10,
    bookings: 100,
    latency: { create: LATENCY, pay: LATENCY, both: LATENCY },
    errors: {},
    usage: {
      parts: {
        API: { cpuMs: 2_000, peakResidentBytes: 1 },
        worker: { cpuMs: 8_000, peakResidentBytes: 1 },
      },
      benchCpuMs: 0,
      otherPrograms: 0,
      busy: 0.9,
    },
    postgres: {
      transactions: 500,
      walBytes: 1_024_000,
      statements: { worker: 1_500, sandbox: 800, 'rate limits': 200 },
      commits: { worker: 300 },
    },
    temporalPostgres: { transactions: 6_000, walBytes: 0, statements: {}, commits: {} },
    histories: {
      workflows: 10,
      events: 30,
      stateTransitions: 10,
      bytes: 2_048,
      workflowTasks: 4,
      activities: 2,
      timedOutTasks: 1,
    },
    ...changes,
  };
}
