/**
 * The workflow that extends the flight schedule and archives its past, started every day by the Temporal schedule
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

/** Seats that nobody had bought when their flight left, and that were archived. */
export interface ArchivedSeats {
  flights: number;
  seats: number;
}

/** The days that a run put on sale, in their order; none when all were on sale already. */
export interface FlightScheduleReport {
  days: DayOnSale[];
  /** Absent in reports of runs that began before seats were archived. */
  archived?: ArchivedSeats;
  /** Quotes of changes that nobody used. Absent likewise. */
  deletedQuotes?: number;
}

/** The workflow's type, for processes that start it without its code. */
export type FlightScheduleWorkflow = () => Promise<FlightScheduleReport>;
