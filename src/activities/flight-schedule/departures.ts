import type { PlannedFlight } from '../../db/flights/days';
import type { NewFlight } from '../../db/flights/new-flight';
import {
  planCabins,
  type AircraftType,
  type CabinSection,
} from '../../domain/flight-schedule/cabin-plan';
import { conditionsOf, fareOf } from '../../domain/flight-schedule/fares';
import { layOutSeats, type LaidOutSeat } from '../../domain/flight-schedule/seat-layout';
import { flightIdOf, flightNumberOf } from './flight-id';
import { instantOf, weekdayOf } from './local-time';
import type { ScheduledFlight, Week } from './week';

const MINUTE_MS = 60 * 1000;

/**
 * Returns the week's flights on one day, local at each origin. `daysAhead` is how far away that day
 * is when its flights are put on sale.
 */
export function departuresOn(week: Week, date: string, daysAhead: number): PlannedFlight[] {
  return flightsOn(week, date).map((flight) => ({
    id: flightIdOf(flight, date),
    direction: flight.direction,
    inventory: () => inventoryOf(flight, date, daysAhead),
  }));
}

/** Returns the instant of the last departure on a day, local at each origin. */
export function lastDepartureOn(week: Week, date: string): Date {
  const latest = new Map<string, string>();
  for (const { departs, origin } of flightsOn(week, date))
    if (departs > (latest.get(origin.timeZone) ?? '')) latest.set(origin.timeZone, departs);
  const instants = [...latest].map(([zone, departs]) => instantOf(date, departs, zone).getTime());
  if (instants.length === 0) throw new Error(`Bug: the week has no flights for ${date}`);
  return new Date(Math.max(...instants));
}

function flightsOn(week: Week, date: string): ScheduledFlight[] {
  const weekday = weekdayOf(date);
  return week.flights.filter((flight) => flight.weekday === weekday);
}

function inventoryOf(flight: ScheduledFlight, date: string, daysAhead: number): NewFlight {
  const departureAt = instantOf(date, flight.departs, flight.origin.timeZone);
  const { sections, seats } = interiorOf(flight.aircraft);
  return {
    id: flightIdOf(flight, date),
    carrierCode: flight.carrierCode,
    flightNumber: flightNumberOf(flight),
    origin: flight.origin.iata,
    destination: flight.destination.iata,
    departureDate: date,
    departureAt,
    arrivalAt: new Date(departureAt.getTime() + flight.durationMinutes * MINUTE_MS),
    aircraftModel: flight.aircraft.model,
    distanceMiles: flight.distanceMiles,
    cabins: sections.map((section) => pricedCabin(flight, section, daysAhead)),
    seats,
  };
}

function pricedCabin(
  flight: ScheduledFlight,
  { cabin, seatCount }: CabinSection,
  daysAhead: number,
) {
  const { distanceMiles, weekday, number } = flight;
  const hour = Number(flight.departs.slice(0, 2));
  const basis = { cabin, distanceMiles, weekday, number, hour, daysAhead };
  return { cabin, seatCount, fare: fareOf(basis), conditions: conditionsOf(basis) };
}

interface Interior {
  sections: CabinSection[];
  seats: LaidOutSeat[];
}

/** Each type is laid out once, so that flights of the same type can be stored together. */
const interiors = new WeakMap<AircraftType, Interior>();

function interiorOf(aircraft: AircraftType): Interior {
  const known = interiors.get(aircraft);
  if (known !== undefined) return known;
  const sections = planCabins(aircraft);
  const interior = { sections, seats: layOutSeats(sections) };
  interiors.set(aircraft, interior);
  return interior;
}
