import * as fc from 'fast-check';
import { chooseSeats, type FreeSeat } from './seating';

const LETTERS = Array.from('ABCDEFGHJK');

/** Any part of a cabin: up to six rows of up to ten seats, of which some are free. */
const cabins = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.constantFrom(...LETTERS)), {
    selector: ([row, letter]) => `${String(row)}${letter}`,
    maxLength: 60,
  })
  .map((seats) => seats.map(([row, letter]) => seat(`${String(row)}${letter}`)));
const sizes = fc.integer({ min: 1, max: 9 });
const rows = fc.nat(8);

function seat(seatNumber: string): FreeSeat {
  return { seatNumber, rowNumber: Number.parseInt(seatNumber, 10) };
}

function seats(...seatNumbers: string[]): FreeSeat[] {
  return seatNumbers.map(seat);
}

test('a party gets exactly its seats, each of them free and none twice, or none if there are too few', () => {
  fc.assert(
    fc.property(cabins, sizes, rows, (free, count, near) => {
      const chosen = chooseSeats(free, count, near);
      if (free.length < count) {
        expect(chosen).toBeNull();
        return;
      }
      expect(new Set(chosen).size).toBe(count);
      expect(chosen).toHaveLength(count);
      const numbers = free.map(({ seatNumber }) => seatNumber);
      expect(numbers).toEqual(expect.arrayContaining(chosen ?? []));
    }),
    { numRuns: 500 },
  );
});

test('a party sits side by side whenever any row has room for that', () => {
  fc.assert(
    fc.property(cabins, sizes, rows, (free, count, near) => {
      fc.pre(hasBlock(free, count));
      const chosen = seats(...(chooseSeats(free, count, near) ?? []));
      expect(new Set(chosen.map(({ rowNumber }) => rowNumber)).size).toBe(1);
      const places = chosen.map(placeInRow).sort((a, b) => a - b);
      expect((places.at(-1) ?? 0) - (places[0] ?? 0)).toBe(count - 1);
    }),
    { numRuns: 500 },
  );
});

test('a party that can’t sit side by side sits in one row, if one has enough seats', () => {
  expect(chooseSeats(seats('1A', '2A', '2C', '2E', '3A'), 3)).toEqual(['2A', '2C', '2E']);
});

test('a party that fits no row is spread over as few rows as possible, one behind the other', () => {
  expect(chooseSeats(seats('1A', '2A', '3A', '4A', '4C'), 3)).toEqual(['3A', '4A', '4C']);
});

test('H and J are neighbours: no row has an I', () => {
  expect(chooseSeats(seats('1A', '1H', '1J', '1C'), 2)).toEqual(['1H', '1J']);
});

test('parties that start from different rows get different seats', () => {
  const free = seats('1A', '1B', '2A', '2B', '3A', '3B');
  expect(chooseSeats(free, 2, 2)).toEqual(['2A', '2B']);
  expect(chooseSeats(free, 2, 3)).toEqual(['3A', '3B']);
  expect(chooseSeats(free, 2, 4)).toEqual(['1A', '1B']);
});

function placeInRow({ seatNumber }: FreeSeat): number {
  return LETTERS.indexOf(seatNumber.slice(-1));
}

/** Says it another way than the code under test: some seat has `count - 1` free ones right beside it. */
function hasBlock(free: readonly FreeSeat[], count: number): boolean {
  const numbers = new Set(free.map(({ seatNumber }) => seatNumber));
  return free.some((first) =>
    Array.from({ length: count }, (_, step) => LETTERS[placeInRow(first) + step]).every((letter) =>
      numbers.has(`${String(first.rowNumber)}${letter ?? '?'}`),
    ),
  );
}
