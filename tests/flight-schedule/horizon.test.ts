import { datesFrom, todayAtOrigins } from '../../src/activities/flight-schedule/horizon';
import { readWeek } from '../../src/activities/flight-schedule/week';

const week = readWeek();
const [flight] = week.flights;
const [place] = week.places;

test('today begins at midnight at the origins, not in UTC', () => {
  expect(todayAtOrigins(week, new Date('2026-12-01T04:59:00Z'))).toBe('2026-11-30');
  expect(todayAtOrigins(week, new Date('2026-12-01T05:00:00Z'))).toBe('2026-12-01');
});

test('with origins in several zones today is the earliest date, so that no flight of it is left out', () => {
  const abroad = { ...flight!, origin: { ...place!, timeZone: 'Pacific/Auckland' } };
  const both = { ...week, flights: [flight!, abroad] };
  expect(todayAtOrigins(both, new Date('2026-12-01T12:00:00Z'))).toBe('2026-12-01');
  expect(todayAtOrigins({ ...week, flights: [abroad] }, new Date('2026-12-01T12:00:00Z'))).toBe(
    '2026-12-02',
  );
});

test('today is that of New York, also while it is still yesterday where flights to it leave', () => {
  const origins = week.flights.map(({ origin }) => origin.timeZone);
  expect(origins).toContain('Pacific/Honolulu');
  expect(todayAtOrigins(week, new Date('2026-12-01T08:17:00Z'))).toBe('2026-12-01');
});

test('the days on sale follow each other, over the end of a month and of a year', () => {
  expect(datesFrom('2026-12-30', 3)).toEqual(['2026-12-30', '2026-12-31', '2027-01-01']);
});
