import { instantOf, weekdayOf } from '../../src/activities/flight-schedule/local-time';
import { localDateOf } from '../../src/domain/local-date';

const NEW_YORK = 'America/New_York';

test.each([
  { what: 'winter', date: '2027-01-15', time: '10:00', instant: '2027-01-15T15:00:00.000Z' },
  { what: 'summer', date: '2027-07-15', time: '10:00', instant: '2027-07-15T14:00:00.000Z' },
  // On 14 March 2027 clocks go from 02:00 to 03:00: 02:30 isn't, and becomes 03:30.
  { what: 'skipped', date: '2027-03-14', time: '02:30', instant: '2027-03-14T07:30:00.000Z' },
  {
    what: 'before the gap',
    date: '2027-03-14',
    time: '01:59',
    instant: '2027-03-14T06:59:00.000Z',
  },
  { what: 'after the gap', date: '2027-03-14', time: '03:00', instant: '2027-03-14T07:00:00.000Z' },
  // On 7 November 2027 clocks go from 02:00 back to 01:00: 01:30 is twice, and the first is still
  // summer time.
  { what: 'twice', date: '2027-11-07', time: '01:30', instant: '2027-11-07T05:30:00.000Z' },
  {
    what: 'after the overlap',
    date: '2027-11-07',
    time: '02:00',
    instant: '2027-11-07T07:00:00.000Z',
  },
])('a departure in New York at $time on $date ($what)', ({ date, time, instant }) => {
  expect(instantOf(date, time, NEW_YORK).toISOString()).toBe(instant);
});

test('today is the date at the airport, not at the server', () => {
  expect(localDateOf(new Date('2026-12-01T04:59:00Z'), NEW_YORK)).toBe('2026-11-30');
  expect(localDateOf(new Date('2026-12-01T05:00:00Z'), NEW_YORK)).toBe('2026-12-01');
});

test('a week begins on Monday', () => {
  expect(weekdayOf('2026-11-23')).toBe(1);
  expect(weekdayOf('2026-11-29')).toBe(7);
});
