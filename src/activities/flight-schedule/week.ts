import type { AircraftType } from '../../domain/flight-schedule/cabin-plan';
import type { Direction } from '../../domain/flight-schedule/direction';
import { durationOf } from './duration';
import { readScheduleFiles, type ScheduleRow } from './schedule-files';

/** What is known of a place: the name for customers, and the time zone of its local times. */
interface Place {
  iata: string;
  name: string;
  timeZone: string;
  city: string;
  metropolitanArea: string | null;
}

/** One flight of the week. `departs` is local at the origin, as `HH:MM`. */
export interface ScheduledFlight {
  direction: Direction;
  /** 1 is Monday, 7 is Sunday. */
  weekday: number;
  carrierCode: string;
  number: number;
  origin: Place;
  destination: Place;
  departs: string;
  /** From departure to arrival, independent of clock changes on the day. */
  durationMinutes: number;
  aircraft: AircraftType;
  distanceMiles: number;
}

/** A full week of flights, Monday to Sunday, and everything that they name. */
export interface Week {
  carriers: { code: string; name: string }[];
  places: Place[];
  flights: ScheduledFlight[];
}

/**
 * Reads the week from `data/`: the flights from New York, which are the extract's, and those back,
 * which are derived from them.
 *
 * @throws ZodError or `Bug: …` when the files don't have the shape that `data/rebuild.py` gives
 * them.
 */
export function readWeek(): Week {
  const { carriers, airports, aircraft, outbound, inbound } = readScheduleFiles();
  const places = airports.map(
    ({ time_zone: timeZone, metropolitan_area: metropolitanArea, ...airport }) => ({
      ...airport,
      timeZone,
      metropolitanArea,
    }),
  );
  const placeAt = finder(new Map(places.map((place) => [place.iata, place])));
  const typeOf = finder(
    new Map(aircraft.map(({ aircraft: id, model, seats }) => [id, { model, seatCount: seats }])),
  );
  const flightOf = (row: ScheduleRow, direction: Direction, durationMinutes: number) => ({
    direction,
    weekday: row.weekday,
    carrierCode: row.carrier,
    number: row.number,
    origin: placeAt(row.origin),
    destination: placeAt(row.destination),
    departs: row.departs,
    durationMinutes,
    aircraft: typeOf(row.aircraft),
    distanceMiles: row.distance_miles,
  });
  const flights = [
    ...outbound.map((row) => {
      const departureZone = placeAt(row.origin).timeZone;
      const arrivalZone = placeAt(row.destination).timeZone;
      return flightOf(row, 'outbound', durationOf({ ...row, departureZone, arrivalZone }));
    }),
    ...inbound.map((row) => flightOf(row, 'inbound', row.minutes)),
  ];
  return { carriers, places, flights };
}

function finder<Value>(known: Map<string, Value>): (key: string) => Value {
  return (key) => {
    const value = known.get(key);
    if (value === undefined) throw new Error(`Bug: a flight names ${key}, which no other file has`);
    return value;
  };
}
