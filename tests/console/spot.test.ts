import fc from 'fast-check';
import { firstColumn, monthAfter, spotsOf, weeksOf } from '../../console/src/customer/month';
import { nextSpot, type Spot } from '../../console/src/shared/spot';

/** The grids of the console: how the arrow keys lead through them, and how months lie in one. */

const ROW: Spot[] = [0, 1, 2, 4, 5, 6].map((column) => ({ id: `1-${column}`, column, row: 0 }));
const GRID = [...ROW, ...ROW.map((spot) => ({ ...spot, id: `2-${spot.column}`, row: 1 }))];

const step = (id: string, key: string) => {
  const from = GRID.find((spot) => spot.id === id);
  return from === undefined ? undefined : nextSpot(GRID, from, key)?.id;
};

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

test('each day of a month is once in its calendar, below its weekday', () => {
  fc.assert(
    fc.property(month, (name) => {
      const [year, number] = name.split('-').map(Number) as [number, number];
      const days = new Date(Date.UTC(year, number, 0)).getUTCDate();
      expect(weeksOf(name).flat()).toHaveLength(days);
      for (const { id, column } of spotsOf(name))
        expect((new Date(`${id}T12:00:00Z`).getUTCDay() + 6) % 7).toBe(column);
      expect(spotsOf(name)[0]?.column).toBe(firstColumn(name));
    }),
  );
});

test('months follow one another over the end of a year', () => {
  expect(monthAfter('2026-12', 1)).toBe('2027-01');
  expect(monthAfter('2027-01', -1)).toBe('2026-12');
});
