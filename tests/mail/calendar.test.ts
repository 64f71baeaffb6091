import { readFileSync } from 'node:fs';
import path from 'node:path';
import ICAL from 'ical.js';
import { parse } from 'csv-parse/sync';
import { ROOT } from '../../scripts/stack/settings';
import type { Booking } from '../../src/domain/booking';
import { calendarFile } from '../../src/notifications/mail/calendar';
import {
  AUCKLAND,
  bookingOf,
  BOSTON,
  flight,
  HONOLULU,
  NEWARK,
  ROUND_TRIP,
  SAN_FRANCISCO,
  SENDER,
  TO_HONOLULU,
} from '../support/mail-samples';

const calendarOf = (booking: Booking, sequence = 2) =>
  calendarFile({ booking, sequence, occurredAt: new Date('2026-11-27T15:34:05.000Z') }, SENDER);

/** The events of a calendar file, as a calendar program reads them. */
function eventsOf(file: string): ICAL.Event[] {
  const calendar = new ICAL.Component(ICAL.parse(file) as unknown[]);
  return calendar.getAllSubcomponents('vevent').map((event) => new ICAL.Event(event));
}

const instant = (time: ICAL.Time) => time.toJSDate().toISOString();

test('each flight is an event, from departure to arrival', () => {
  const events = eventsOf(calendarOf(bookingOf(ROUND_TRIP)));
  expect(
    events.map(({ summary, startDate, endDate }) => [
      summary,
      instant(startDate),
      instant(endDate),
    ]),
  ).toEqual(
    ROUND_TRIP.flat().map(({ flightNumber, origin, destination, departureAt, arrivalAt }) => [
      `${flightNumber} ${origin.iata}–${destination.iata}`,
      departureAt,
      arrivalAt,
    ]),
  );
});

test('a departure is in the time zone of its airport, an arrival in that of the other', () => {
  const [event] = eventsOf(calendarOf(TO_HONOLULU));
  expect(event?.startDate.toString()).toBe('2026-12-06T00:10:00');
  expect(event?.startDate.zone.tzid).toBe('Pacific/Auckland');
  expect(event?.endDate.toString()).toBe('2026-12-05T10:05:00');
  expect(event?.endDate.zone.tzid).toBe('Pacific/Honolulu');
});

test.each([
  // Clocks go forward at 2:00 on 14 March 2027, and back on 7 November.
  ['2027-03-14T06:30:00.000Z', '2027-03-14T08:05:00.000Z'],
  ['2027-11-07T05:30:00.000Z', '2027-11-07T08:05:00.000Z'],
  ['2027-11-07T04:55:00.000Z', '2027-11-07T06:30:00.000Z'],
])('on a day on which the clocks change, the instants stay the same (%s)', (from, to) => {
  const [event] = eventsOf(calendarOf(bookingOf([[flight('ZZ1', [BOSTON, from], [NEWARK, to])]])));
  expect(event && [instant(event.startDate), instant(event.endDate)]).toEqual([from, to]);
});

test('every airport of the schedule, in each month, has the time that its clocks show', () => {
  const airports = parse<{ time_zone: string }>(
    readFileSync(path.join(ROOT, 'data/airports.csv'), 'utf8'),
    { columns: true },
  );
  const zones = new Set([
    ...airports.map(({ time_zone }) => time_zone),
    ...[AUCKLAND, HONOLULU, SAN_FRANCISCO].map(({ timeZone }) => timeZone),
  ]);
  const months = Array.from({ length: 12 }, (_, month) => new Date(Date.UTC(2027, month, 9, 17)));
  for (const timeZone of zones)
    for (const month of months) {
      const at = month.toISOString();
      const airport = { ...BOSTON, timeZone };
      const [event] = eventsOf(
        calendarOf(bookingOf([[flight('ZZ1', [airport, at], [BOSTON, at])]])),
      );
      expect([timeZone, event && instant(event.startDate)]).toEqual([timeZone, at]);
    }
});

test('a later mail replaces the events of an earlier one', () => {
  const [first] = eventsOf(calendarOf(bookingOf(ROUND_TRIP), 2));
  const [second] = eventsOf(calendarOf(bookingOf(ROUND_TRIP), 5));
  expect(second?.uid).toBe(first?.uid);
  expect(first?.sequence).toBe(2);
  expect(second?.sequence).toBe(5);
});

test('a cancelled flight is marked so, and no longer takes the time', () => {
  const cancelled = ROUND_TRIP.map((slice) =>
    slice.map((one) => ({ ...one, status: 'cancelled' as const })),
  );
  const file = calendarOf(bookingOf(cancelled));
  expect(file.match(/STATUS:CANCELLED/g)).toHaveLength(3);
  expect(file.match(/TRANSP:TRANSPARENT/g)).toHaveLength(3);
  expect(file).not.toContain('STATUS:CONFIRMED');
});

test('lines are short and end as RFC 5545 demands', () => {
  const file = calendarOf(bookingOf(ROUND_TRIP));
  const lines = file.split('\r\n');
  expect(lines.join('')).not.toContain('\n');
  for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
});
