import type { PlannedFlight } from '../../db/flights/days';
import {
  SCENARIO_CARRIER,
  SCENARIO_CONDITIONS,
  SCENARIO_FARE,
  SCENARIO_FLIGHT_MINUTES,
  SCENARIO_FLIGHTS,
  SCENARIO_ROUTE,
  type Scenario,
  type ScenarioFlight,
} from '../../domain/flight-schedule/scenario-flights';
import { localDateOf } from '../../domain/local-date';
import { layOutSeats } from '../../domain/flight-schedule/seat-layout';
import { flightIdOf, flightNumberOf } from './flight-id';
import { datesFrom } from './horizon';
import { daysAfter, instantOf } from './local-time';

const { origin, destination } = SCENARIO_ROUTE;
const MINUTE_MS = 60 * 1000;
const SEATS_PER_ROW = 6;

/** Returns the flights of one day that are there to be tried out. */
export function scenarioDeparturesOn(date: string): PlannedFlight[] {
  return SCENARIO_FLIGHTS.map((flight) => ({
    id: idOf(flight, date),
    direction: 'outbound',
    inventory: () => {
      const departureAt = instantOf(date, flight.departs, origin.timeZone);
      const section = { cabin: 'economy' as const, seatCount: flight.seatCount };
      return {
        id: idOf(flight, date),
        carrierCode: SCENARIO_CARRIER.code,
        flightNumber: flightNumberOf(keyOf(flight)),
        origin: origin.iata,
        destination: destination.iata,
        departureDate: date,
        departureAt,
        arrivalAt: new Date(departureAt.getTime() + SCENARIO_FLIGHT_MINUTES * MINUTE_MS),
        aircraftModel: 'A319',
        distanceMiles: 500,
        cabins: [{ ...section, fare: SCENARIO_FARE, conditions: SCENARIO_CONDITIONS }],
        seats: layOutSeats([{ ...section, seatsPerRow: SEATS_PER_ROW }]),
      };
    },
  }));
}

let known: { of: string; scenarios: ReadonlyMap<string, Scenario> } | undefined;

/**
 * Returns the scenarios of the flights that leave between yesterday and so many days later, by the
 * flight's ID. They are the same all day, and made once: the worker asks every second.
 */
export function scenariosByFlight(now: Date, days: number): ReadonlyMap<string, Scenario> {
  const today = localDateOf(now, origin.timeZone);
  const of = `${today} ${String(days)}`;
  if (known?.of !== of) {
    const dates = datesFrom(daysAfter(today, -1), days + 2);
    const flights = SCENARIO_FLIGHTS.flatMap((flight) =>
      dates.map((date) => [idOf(flight, date), flight.scenario] as const),
    );
    known = { of, scenarios: new Map(flights) };
  }
  return known.scenarios;
}

function idOf(flight: ScenarioFlight, date: string): string {
  return flightIdOf(keyOf(flight), date);
}

function keyOf({ number }: ScenarioFlight) {
  return { carrierCode: SCENARIO_CARRIER.code, number, origin };
}
