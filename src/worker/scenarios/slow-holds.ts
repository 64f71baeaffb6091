import { setTimeout as wait } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import type { createActivities } from '../../activities';
import { scenariosByFlight } from '../../activities/flight-schedule/scenario-departures';
import { SLOW_HOLD_MS } from '../../domain/flight-schedule/scenario-flights';

/** One try of the activity may take six seconds. */
const LONGEST_TRY_MS = 4_000;

type Holds = Pick<ReturnType<typeof createActivities>, 'reserveSeats'>;

/**
 * Returns the activities with holds that take long on the flights that are there for it, as on a
 * database that is busy. All else is as it was.
 */
export function withSlowHolds<Activities extends Holds>(
  activities: Activities,
  scheduleDays: number,
): Activities {
  const isSlow = (flightId: string) =>
    scenariosByFlight(new Date(), scheduleDays).get(flightId) === 'slow_hold';
  return {
    ...activities,
    reserveSeats: async (...[request, times]: Parameters<Holds['reserveSeats']>) => {
      if (request.flightId !== undefined && isSlow(request.flightId))
        await takeLong(new Date(times.requestedAt));
      return activities.reserveSeats(request, times);
    },
  };
}

/** Waits until the booking was requested long enough ago; it is tried again meanwhile. */
async function takeLong(requestedAt: Date): Promise<void> {
  const leftMs = requestedAt.getTime() + SLOW_HOLD_MS - Date.now();
  if (leftMs <= 0) return;
  await wait(Math.min(leftMs, LONGEST_TRY_MS));
  if (leftMs > LONGEST_TRY_MS)
    throw ApplicationFailure.create({ message: 'The hold takes long.', category: 'BENIGN' });
}
