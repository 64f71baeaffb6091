import { buyRoundTrip, chooseRoundTrips } from '../drive/itineraries';
import { withOurs, type Bench } from './bench';
import { CLIENTS, cpuRatio, measureKinds, tablesOfKinds } from './kinds';
import type { Findings } from './workload';

/** Round trips of today's flights end tomorrow, or on the day after. */
const SCHEDULE_DAYS = 3;

/** One flight, and a round trip with a connection each way, in turn. */
export async function itineraries(bench: Bench): Promise<Findings> {
  return withOurs(bench, { scheduleDays: SCHEDULE_DAYS }, async (stack) => {
    const roundTrips = await chooseRoundTrips(stack.lab.cluster.databaseUrl);
    const { figures, faults } = await measureKinds(bench, stack, [
      { name: 'one flight' },
      { name: 'four flights', errand: buyRoundTrip(roundTrips) },
    ]);
    const [one, four] = figures;
    return {
      workload: 'itineraries',
      notes: [
        `${CLIENTS} clients in a closed loop bought a seat of one flight, or of the four flights of ` +
          `a round trip with a connection each way, in turn. ${roundTrips.length} round trips were on sale.`,
      ],
      tables: tablesOfKinds('bought', figures),
      bars: [
        {
          what: 'CPU per booking, four flights ÷ one',
          value: cpuRatio(four, one),
          limit: { atMost: 2 },
        },
      ],
      faults,
    };
  });
}
