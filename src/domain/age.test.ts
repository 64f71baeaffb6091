import { ageOn, findAgeFault } from './age';
import type { PassengerType } from './passenger';

const DAY = '2027-03-01';

test.each([
  ['2025-03-02', 'infant'],
  ['2027-03-01', 'infant'],
  ['2025-03-01', 'child'],
  ['2015-03-02', 'child'],
  ['2015-03-01', 'adult'],
  ['1926-07-14', 'adult'],
] as const)('who was born on %s flies on 2027-03-01 as %s, and as nothing else', (bornOn, type) => {
  const fits = (['adult', 'child', 'infant'] as const).filter(
    (one: PassengerType) => findAgeFault({ type: one, bornOn }, DAY) === undefined,
  );
  expect(fits).toEqual([type]);
});

test.each([
  ['2027-03-02', 'infant'],
  ['1826-07-14', 'adult'],
] as const)('nobody born on %s flies on 2027-03-01, as %s or otherwise', (bornOn, type) => {
  expect(findAgeFault({ type, bornOn }, DAY)).toEqual(expect.any(String));
});

test('a birthday on February 29 is on March 1 where there is no such day', () => {
  expect(ageOn('2027-02-28', '2024-02-29')).toBe(2);
  expect(ageOn('2027-03-01', '2024-02-29')).toBe(3);
  expect(ageOn('2028-02-28', '2024-02-29')).toBe(3);
  expect(ageOn('2028-02-29', '2024-02-29')).toBe(4);
});
