/**
 * The workflow that extends the flight schedule, started every day by the Temporal schedule
 * `flight-schedule`. It takes no messages.
 */
export const FLIGHT_SCHEDULE_WORKFLOW = 'flightScheduleWorkflow';

/** A day that was put on sale. The counts are zero for what another run had added. */
export interface DayOnSale {
  /** Local at the origins, `YYYY-MM-DD`. */
  date: string;
  flightsAdded: number;
  seatsAdded: number;
}

/** The days that a run put on sale, in their order; none when all were on sale already. */
export interface FlightScheduleReport {
  days: DayOnSale[];
}

/** The workflow's type, for processes that start it without its code. */
export type FlightScheduleWorkflow = () => Promise<FlightScheduleReport>;
