import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import type { AircraftType } from '../../domain/flight-schedule/cabin-plan';
import { PACKAGE_ROOT } from '../../package-root';
import { instantOf } from './local-time';

const Carrier = z.object({ code: z.string(), name: z.string() });
const Airport = z.object({
  iata: z.string(),
  name: z.string(),
  time_zone: z.string(),
  city: z.string(),
  // Empty where there is none.
  metropolitan_area: z.string().transform((code) => (code === '' ? null : code)),
});
const Aircraft = z.object({
  aircraft: z.string(),
  model: z.string(),
  seats: z.coerce.number().int(),
});
const clock = z.string().regex(/^\d\d:\d\d$/);
const Row = z.object({
  weekday: z.coerce.number().int().min(1).max(7),
  carrier: z.string(),
  number: z.coerce.number().int().min(1).max(9999),
  origin: z.string(),
  destination: z.string(),
  departs: clock,
  arrives: clock,
  aircraft: z.string(),
  distance_miles: z.coerce.number().int().min(1),
});

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

/** A full week of departures, Monday to Sunday, and everything that they name. */
export interface Week {
  carriers: z.infer<typeof Carrier>[];
  places: Place[];
  flights: ScheduledFlight[];
}

/**
 * Reads the week from `data/`.
 *
 * @throws ZodError or `Bug: …` when the files don't have the shape that `data/rebuild.py` gives
 * them.
 */
export function readWeek(): Week {
  const airports = read('airports.csv', Airport);
  const places = airports.map(
    ({ time_zone: timeZone, metropolitan_area: metropolitanArea, ...airport }) => ({
      ...airport,
      timeZone,
      metropolitanArea,
    }),
  );
  const placeAt = finder(new Map(places.map((place) => [place.iata, place])));
  const aircraft = read('aircraft.csv', Aircraft);
  const typeOf = finder(
    new Map(aircraft.map(({ aircraft: id, model, seats }) => [id, { model, seatCount: seats }])),
  );
  const flights = read('schedule.csv', Row).map((row) => {
    const [origin, destination] = [placeAt(row.origin), placeAt(row.destination)];
    return {
      weekday: row.weekday,
      carrierCode: row.carrier,
      number: row.number,
      origin,
      destination,
      departs: row.departs,
      durationMinutes: durationOf(row, origin, destination),
      aircraft: typeOf(row.aircraft),
      distanceMiles: row.distance_miles,
    };
  });
  return { carriers: read('carriers.csv', Carrier), places, flights };
}

/** A day of the extract's week: its local times are valid for that week's clocks. */
const DAY_OF_THE_EXTRACT = '2013-09-25';
const DAY_MINUTES = 24 * 60;

/**
 * Returns a flight's duration in minutes. The extract has local times only. They give a duration
 * only with the clocks of their own week, in which none changed: some places have no summer time.
 */
function durationOf(row: z.infer<typeof Row>, origin: Place, destination: Place): number {
  const minutes =
    minutesOf(row.arrives) +
    minutesBehindUtc(destination.timeZone) -
    (minutesOf(row.departs) + minutesBehindUtc(origin.timeZone));
  // An arrival that is earlier by the clock is on the next day.
  return minutes > 0 ? minutes : minutes + DAY_MINUTES;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return 60 * hours + minutes;
}

/** Computed once for each zone: a calendar lookup for each of 6,517 flights would take too long. */
const zones = new Map<string, number>();

function minutesBehindUtc(timeZone: string): number {
  const known = zones.get(timeZone);
  if (known !== undefined) return known;
  const noon = instantOf(DAY_OF_THE_EXTRACT, '12:00', timeZone);
  const behind = (noon.getTime() - Date.parse(`${DAY_OF_THE_EXTRACT}T12:00:00Z`)) / 60_000;
  zones.set(timeZone, behind);
  return behind;
}

function read<Shape extends z.ZodType>(file: string, shape: Shape): z.infer<Shape>[] {
  const records: unknown = parse(readFileSync(path.join(PACKAGE_ROOT, 'data', file)), {
    columns: true,
  });
  return z.array(shape).parse(records);
}

function finder<Value>(known: Map<string, Value>): (key: string) => Value {
  return (key) => {
    const value = known.get(key);
    if (value === undefined)
      throw new Error(`Bug: data/schedule.csv names ${key}, which no other file has`);
    return value;
  };
}
