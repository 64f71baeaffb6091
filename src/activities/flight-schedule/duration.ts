import { instantOf } from './local-time';

/** A day of the extract's week: its local times are valid for that week's clocks. */
const DAY_OF_THE_EXTRACT = '2013-09-25';
const DAY_MINUTES = 24 * 60;

/** A flight of the extract: local times, and the time zones in which they are local. */
interface LocalTimes {
  departs: string;
  departureZone: string;
  arrives: string;
  arrivalZone: string;
}

/**
 * Returns a flight's duration in minutes. The extract has local times only. They give a duration
 * only with the clocks of their own week, in which none changed: some places have no summer time.
 */
export function durationOf({ departs, departureZone, arrives, arrivalZone }: LocalTimes): number {
  const minutes =
    minutesOf(arrives) +
    minutesBehindUtc(arrivalZone) -
    (minutesOf(departs) + minutesBehindUtc(departureZone));
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
