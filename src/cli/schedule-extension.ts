import type { Client } from '@temporalio/client';
import {
  FLIGHT_SCHEDULE_WORKFLOW,
  type FlightScheduleReport,
  type FlightScheduleWorkflow,
} from '../temporal/contracts/flight-schedule';
import { FLIGHT_SCHEDULE_TEXT } from '../temporal/operator-texts/flight-schedule';

/** Extends the flight schedule now, and waits for the report. */
export async function extendScheduleNow(
  client: Client,
  taskQueue: string,
): Promise<FlightScheduleReport> {
  return client.workflow.execute<FlightScheduleWorkflow>(FLIGHT_SCHEDULE_WORKFLOW, {
    workflowId: 'flight-schedule-by-hand',
    // One at a time is enough: a second caller gets the report of the run under way.
    workflowIdConflictPolicy: 'USE_EXISTING',
    taskQueue,
    args: [],
    ...FLIGHT_SCHEDULE_TEXT,
  });
}

/** Describes what an extension put on sale, a line for each day, and what it cleared away. */
export function describeExtension({
  days,
  archived,
  deletedQuotes = 0,
}: FlightScheduleReport): string {
  return [
    ...(days.length === 0 ? ['Every day of the schedule was on sale already.'] : []),
    ...days.map(
      ({ date, flightsAdded, seatsAdded }) =>
        `${date}: ${String(flightsAdded)} flights and ${String(seatsAdded)} seats added`,
    ),
    ...(archived === undefined || archived.seats === 0
      ? []
      : [`${archived.seats} unsold seats of ${archived.flights} departed flights archived`]),
    ...(deletedQuotes === 0 ? [] : [`${deletedQuotes} quotes of changes deleted that nobody used`]),
  ].join('\n');
}
