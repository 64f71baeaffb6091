import { takeSteps } from '../../scripts/stack/steps';
import type { Errand } from '../drive/crowd';
import { buyRoundTrip, chooseRoundTrips } from '../drive/itineraries';
import { measure, type Measurement } from '../measure/measure';
import { figuresOf, ownOf } from '../report/figures';
import { rounded } from '../report/numbers';
import { withOurs, type Bench } from './bench';
import { step } from './step';
import type { Findings } from './workload';

const CLIENTS = 16;

/** Round trips of today's flights end tomorrow, or on the day after. */
const SCHEDULE_DAYS = 3;

/** What customers buy, and what was measured of it. */
interface Kind {
  name: string;
  errand?: Errand;
  rounds: Measurement[];
}

/** One flight, and a round trip with a connection each way, in turn. */
export async function itineraries(bench: Bench): Promise<Findings> {
  return withOurs(bench, { scheduleDays: SCHEDULE_DAYS }, async (stack) => {
    const { lab, system, shop, instruments } = stack;
    const { rounds, warmUp, duration } = bench.options;
    const roundTrips = await chooseRoundTrips(lab.cluster.databaseUrl);
    const kinds: [Kind, Kind] = [
      { name: 'one flight', rounds: [] },
      { name: 'four flights', errand: buyRoundTrip(roundTrips), rounds: [] },
    ];
    const faults: string[] = [];
    let sold = 0;
    const buy = ({ name, errand, rounds: measured }: Kind, round: number) =>
      step(`Round ${round} of ${rounds}: ${name}`, async () => {
        const load = {
          ...{ clients: CLIENTS, warmUpSeconds: warmUp, seconds: duration },
          ...(errand && { errand }),
        };
        const { measurement, sold: more } = await measure(system, shop, instruments, load);
        measured.push(measurement);
        sold += more;
        faults.push(...Object.entries(measurement.errors).map(([code, n]) => `${code}: ${n}`));
        return `${rounded(measurement.bookings / measurement.seconds, 1)} bookings/s`;
      });
    await takeSteps([
      ...Array.from({ length: rounds }, (_, round) =>
        kinds.map((kind) => buy(kind, round + 1)),
      ).flat(),
      step('Its auditor', async () => {
        faults.push(...(await system.audit(sold)));
        return undefined;
      }),
    ]);
    return findingsOf(kinds, { faults, roundTrips: roundTrips.length });
  });
}

function findingsOf(
  kinds: [Kind, Kind],
  { faults, roundTrips }: { faults: string[]; roundTrips: number },
): Findings {
  const rows = kinds.map(({ name, rounds }) => ({ name, ...figuresOf(rounds) }));
  const [one, four] = rows;
  const parts = Object.keys(one?.cpuMsByPart ?? {});
  return {
    workload: 'itineraries',
    notes: [
      `${CLIENTS} clients in a closed loop bought a seat of one flight, or of the four flights of ` +
        `a round trip with a connection each way, in turn. ${roundTrips} round trips were on sale.`,
    ],
    tables: [
      [
        [
          'bought',
          'bookings/s',
          'create p50 ms',
          'p99',
          'pay p50 ms',
          'p99',
          'events',
          'history kB',
        ],
        ...rows.map((row) => [
          ...[row.name, rounded(row.bookingsPerSecond.median, 1)],
          ...[row.createP50Ms, row.createP99Ms, row.payP50Ms, row.payP99Ms].map(({ median }) =>
            Math.round(median),
          ),
          ...[row.events?.median ?? NaN, rounded(row.historyKb?.median ?? NaN, 1)],
        ]),
      ],
      [
        ['CPU ms per booking', 'all', ...parts, 'statements', 'WAL kB'],
        ...rows.map((row) => [
          ...[row.name, rounded(row.cpuMs.median, 1)],
          ...parts.map((part) => rounded(row.cpuMsByPart[part]?.median ?? NaN, 1)),
          ...[rounded(ownOf(row.statementsByRole), 1), rounded(row.walKb.median, 1)],
        ]),
      ],
    ],
    bars: [
      {
        what: 'CPU per booking, four flights ÷ one',
        value: (four?.cpuMs.median ?? NaN) / (one?.cpuMs.median ?? NaN),
        limit: { atMost: 2 },
      },
    ],
    faults,
  };
}
