import { Gauge, type Registry } from 'prom-client';
import type { Db } from '../../db/connection';
import { readScheduleReach } from '../../db/flights/schedule-view';
import { keptFor } from './kept-for';

/** It changes once a day. */
const KEPT_MS = 60_000;

/**
 * Shows how far the flight schedule reaches, as the database has it. 0 when no day is on sale, so
 * that an alert fires; left out while PostgreSQL is unavailable.
 */
export function measureScheduleReach(registry: Registry, db: Db): void {
  const read = keptFor(KEPT_MS, () =>
    readScheduleReach(db).then(
      (reachesAt) => ({ seconds: (reachesAt?.getTime() ?? 0) / 1000 }),
      () => undefined,
    ),
  );
  new Gauge({
    name: 'flight_schedule_reaches_timestamp_seconds',
    help: 'The last departure on sale with no day missing before it; 0 when no day is on sale.',
    registers: [registry],
    async collect() {
      // Without labels it can't be left out in another way.
      this.reset();
      const reach = await read();
      if (reach === undefined) this.remove();
      else this.set(reach.seconds);
    },
  });
}

/** Shows how many days the flight schedule should reach ahead. */
export function showScheduleDays(registry: Registry, scheduleDays: number): void {
  new Gauge({
    name: 'flight_schedule_days',
    help: 'How many days should be on sale, from today on (SCHEDULE_DAYS).',
    registers: [registry],
  }).set(scheduleDays);
}
