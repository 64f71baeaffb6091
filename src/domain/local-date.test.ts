import { localDateOf } from './local-date';

test.each([
  ['America/New_York', '2027-02-28'],
  ['Europe/London', '2027-03-01'],
  ['Pacific/Auckland', '2027-03-01'],
])('the day in %s is that of its clocks', (timeZone, day) => {
  const instant = new Date('2027-03-01T04:59:59.000Z');
  expect(localDateOf(instant, timeZone)).toBe(day);
  expect(localDateOf(new Date(instant.getTime() + 1_000), 'America/New_York')).toBe('2027-03-01');
});
