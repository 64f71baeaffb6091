import ICAL from 'ical.js';
import { tzlib_get_ical_block } from 'timezones-ical-library';
import type { Airport, BookedSegment } from '../../domain/booking';
import { segmentsOf } from '../../domain/itinerary';
import { CABIN_NAMES } from './itinerary-text';
import type { Sender } from '../../mail-settings';
import type { Mail } from './mail';

/** Where the calendar file comes from, as RFC 5545 wants it named. */
const PRODUCT = '-//Flight Bookings//Mail//EN';

/**
 * Returns the flights of a booking as a calendar file (RFC 5545): departures in the time zone of
 * the origin, arrivals in that of the destination.
 *
 * A flight keeps its ID in all mails of a booking, and `sequence` rises: a calendar replaces what
 * an earlier mail put in, and marks what is cancelled.
 */
export function calendarFile(
  { booking, occurredAt, sequence }: Pick<Mail, 'booking' | 'occurredAt' | 'sequence'>,
  organizer: Sender,
): string {
  const calendar = new ICAL.Component('vcalendar');
  calendar.updatePropertyWithValue('version', '2.0');
  calendar.updatePropertyWithValue('prodid', PRODUCT);
  calendar.updatePropertyWithValue('calscale', 'GREGORIAN');
  calendar.updatePropertyWithValue('method', 'PUBLISH');
  const segments = segmentsOf(booking);
  const zones = new Set(
    segments.flatMap(({ origin, destination }) => [origin.timeZone, destination.timeZone]),
  );
  for (const zone of zones) calendar.addSubcomponent(timeZoneComponent(zone));
  for (const segment of segments) {
    const event = new ICAL.Component('vevent');
    const set = (name: string, value: string | number | ICAL.Time) =>
      event.updatePropertyWithValue(name, value);
    set('uid', `${booking.id}.${segment.id}`);
    set('dtstamp', ICAL.Time.fromJSDate(occurredAt, true));
    set('sequence', sequence);
    addMoment(event, 'dtstart', segment.departureAt, segment.origin);
    addMoment(event, 'dtend', segment.arrivalAt, segment.destination);
    set('summary', summaryOf(segment));
    set('location', segment.origin.name);
    set(
      'description',
      `Booking ${booking.reference}, ${CABIN_NAMES[segment.cabin]}. To ${segment.destination.name}.`,
    );
    set('status', segment.status === 'cancelled' ? 'CANCELLED' : 'CONFIRMED');
    set('transp', segment.status === 'cancelled' ? 'TRANSPARENT' : 'OPAQUE');
    event
      .addPropertyWithValue('organizer', `mailto:${organizer.address}`)
      .setParameter('cn', organizer.name);
    calendar.addSubcomponent(event);
  }
  return `${calendar.toString()}\r\n`;
}

function summaryOf({ flightNumber, origin, destination, status }: BookedSegment): string {
  const flight = `${flightNumber} ${origin.iata}–${destination.iata}`;
  return status === 'cancelled' ? `Cancelled: ${flight}` : flight;
}

const MINUTE_MS = 60_000;

/** By how much clocks go back: an hour, and half of one on Lord Howe Island. */
const STEPS_BACK_MS = [30 * MINUTE_MS, 60 * MINUTE_MS];

/**
 * Adds an instant as it reads on a clock at the airport, beside the clock's time zone. In the hour
 * that is repeated when clocks go back, calendar programs disagree on which one is meant: an instant
 * of it is in UTC.
 */
function addMoment(event: ICAL.Component, name: string, at: string, { timeZone }: Airport): void {
  const instant = new Date(at);
  const local = clockTime(instant, timeZone);
  const isRepeated = STEPS_BACK_MS.flatMap((step) => [step, -step]).some(
    (step) => clockTime(new Date(instant.getTime() + step), timeZone) === local,
  );
  if (isRepeated) {
    event.addPropertyWithValue(name, ICAL.Time.fromJSDate(instant, true));
    return;
  }
  event
    .addPropertyWithValue(name, ICAL.Time.fromDateTimeString(local))
    .setParameter('tzid', timeZone);
}

function clockTime(instant: Date, timeZone: string): string {
  // Sweden writes dates and times nearly as ISO 8601 does.
  const clock = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return clock.format(instant).replace(' ', 'T');
}

/** @throws `Bug: …` for a zone that is none of IANA's. */
function timeZoneComponent(timeZone: string): ICAL.Component {
  const found = tzlib_get_ical_block(timeZone);
  if (typeof found === 'string') throw new Error(`Bug: there is no time zone ${timeZone}`);
  const component = new ICAL.Component(ICAL.parse(found[0] ?? '') as unknown[]);
  // A zone that follows another comes under the other's name.
  component.updatePropertyWithValue('tzid', timeZone);
  return component;
}
