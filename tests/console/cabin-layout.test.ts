import fc from 'fast-check';
import { placeSeats } from '../../console/src/seats/cabin-layout';
import { layOutSeats } from '../../src/domain/flight-schedule/seat-layout';

/** The picture of the seats, of every width of cabin that our aircraft have. */

const seatsOf = (seatsPerRow: number, seatCount = seatsPerRow * 3) =>
  layOutSeats([{ cabin: 'economy', seatCount, seatsPerRow }]);

const columnsOf = (seatsPerRow: number) =>
  placeSeats(seatsOf(seatsPerRow))
    .placed.filter(({ row }) => row === 1)
    .map(({ column }) => column);

test.each([
  [2, [0, 2]],
  [3, [0, 2, 3]],
  [4, [0, 1, 3, 4]],
  [6, [0, 1, 2, 4, 5, 6]],
  [9, [0, 1, 2, 4, 5, 6, 8, 9, 10]],
  [10, [0, 1, 2, 4, 5, 6, 7, 9, 10, 11]],
])('rows of %d seats have their aisles where such rows usually do', (seatsPerRow, columns) => {
  expect(columnsOf(seatsPerRow)).toEqual(columns);
});

test('no two seats are in one place, and none is outside of the picture', () => {
  const sections = fc.array(
    fc.record({
      cabin: fc.constantFrom('first' as const, 'business' as const, 'economy' as const),
      seatsPerRow: fc.integer({ min: 1, max: 10 }),
      seatCount: fc.integer({ min: 1, max: 30 }),
    }),
    { minLength: 1, maxLength: 3 },
  );
  fc.assert(
    fc.property(sections, (cabins) => {
      const seats = layOutSeats(
        cabins.filter(({ cabin }, index) => cabins.findIndex((c) => c.cabin === cabin) === index),
      );
      const { placed, width } = placeSeats(seats);
      expect(placed).toHaveLength(seats.length);
      expect(new Set(placed.map(({ column, row }) => `${column} ${row}`)).size).toBe(seats.length);
      for (const { column } of placed) {
        expect(column).toBeGreaterThanOrEqual(0);
        expect(column).toBeLessThan(width);
      }
    }),
  );
});

test('a narrow cabin is in the middle of a wider one', () => {
  const { placed } = placeSeats(
    layOutSeats([
      { cabin: 'first', seatCount: 4, seatsPerRow: 4 },
      { cabin: 'economy', seatCount: 6, seatsPerRow: 6 },
    ]),
  );
  const middleOf = (row: number) => {
    const columns = placed.filter((spot) => spot.row === row).map(({ column }) => column);
    return (Math.min(...columns) + Math.max(...columns)) / 2;
  };
  expect(middleOf(1)).toBe(middleOf(2));
});
