import fc from 'fast-check';
import { dayByKey, firstColumn, monthAfter, weeksOf } from '../../console/src/customer/month';
import { nextSpot, type Spot } from '../../console/src/shared/spot';

/** The grids of the console: how the arrow keys lead through them, and how months lie in one. */

const ROW: Spot[] = [0, 1, 2, 4, 5, 6].map((column) => ({ id: `1-${column}`, column, row: 0 }));
const GRID = [...ROW, ...ROW.map((spot) => ({ ...spot, id: `2-${spot.column}`, row: 1 }))];

const step = (id: string, key: string) => nextSpot(GRID, id, key)?.id;

test.each([
  ['1-2', 'ArrowRight', '1-4'],
  ['1-4', 'ArrowLeft', '1-2'],
  ['1-2', 'ArrowDown', '2-2'],
  ['2-2', 'ArrowUp', '1-2'],
  ['1-2', 'End', '1-6'],
  ['2-5', 'Home', '2-0'],
  ['1-6', 'ArrowRight', undefined],
  ['1-0', 'ArrowUp', undefined],
  ['1-0', 'Enter', undefined],
  ['3-0', 'ArrowLeft', undefined],
])('from %s the key %s leads to %s', (from, key, to) => {
  expect(step(from, key)).toBe(to);
});

test('every spot of a grid can be reached by the arrows', () => {
  const reached = new Set(['1-0']);
  for (const id of reached)
    for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']) {
      const next = step(id, key);
      if (next !== undefined) reached.add(next);
    }
  expect(reached.size).toBe(GRID.length);
});

const month = fc
  .tuple(fc.integer({ min: 2020, max: 2060 }), fc.integer({ min: 1, max: 12 }))
  .map(([year, number]) => `${year}-${String(number).padStart(2, '0')}`);

const weekday = (date: string) => (new Date(`${date}T12:00:00Z`).getUTCDay() + 6) % 7;

test('each day of a month is once in its calendar, below its weekday', () => {
  fc.assert(
    fc.property(month, (name) => {
      const [year, number] = name.split('-').map(Number) as [number, number];
      const days = new Date(Date.UTC(year, number, 0)).getUTCDate();
      expect(weeksOf(name).flat()).toHaveLength(days);
      for (const [row, week] of weeksOf(name).entries())
        for (const [index, date] of week.entries())
          expect(weekday(date)).toBe(index + (row === 0 ? firstColumn(name) : 0));
    }),
  );
});

test('months follow one another over the end of a year', () => {
  expect(monthAfter('2026-12', 1)).toBe('2027-01');
  expect(monthAfter('2027-01', -1)).toBe('2026-12');
});

test.each([
  ['2026-12-03', 'ArrowRight', '2026-12-04'],
  ['2026-12-03', 'ArrowUp', '2026-11-26'],
  ['2026-12-01', 'ArrowLeft', '2026-11-30'],
  ['2026-12-27', 'ArrowRight', '2026-12-28'],
  ['2026-12-31', 'ArrowRight', '2027-01-01'],
  ['2026-12-29', 'ArrowDown', '2027-01-05'],
  ['2026-12-31', 'Home', '2026-12-28'],
  ['2026-12-31', 'End', '2027-01-03'],
  ['2026-12-31', 'Enter', undefined],
])('from the day %s the key %s leads to %s', (from, key, to) => {
  expect(dayByKey(from, key)).toBe(to);
});
