import * as fc from 'fast-check';
import { placeOf } from './row-seating';
import { seatParty, type FreeSeat, type SeatedPassenger } from './seating';

/** Any part of a cabin: up to `rows` rows of up to ten seats, of which some are free. */
function cabins(rows: number, letters: string, maxLength: number) {
  const place = fc.tuple(
    fc.integer({ min: 1, max: rows }),
    fc.constantFrom(...Array.from(letters)),
  );
  return fc
    .uniqueArray(place, { selector: ([row, letter]) => `${String(row)}${letter}`, maxLength })
    .map((seats) => seats.map(([row, letter]) => seat(`${String(row)}${letter}`)));
}

const PASSENGER = fc.constantFrom<SeatedPassenger['type']>('adult', 'child');
const parties = (maxLength: number) =>
  fc
    .array(PASSENGER, { maxLength: maxLength - 1 })
    .map((others): SeatedPassenger[] => [{ type: 'adult' }, ...others.map((type) => ({ type }))]);
const rows = fc.nat(8);

function seat(seatNumber: string): FreeSeat {
  return { seatNumber, rowNumber: Number.parseInt(seatNumber, 10) };
}

const seats = (...seatNumbers: string[]) => seatNumbers.map(seat);
const adults = (count: number) => Array<SeatedPassenger>(count).fill({ type: 'adult' });
const ADULT: SeatedPassenger = { type: 'adult' };
const CHILD: SeatedPassenger = { type: 'child' };

/** Rows of six, all free but those that are named. */
function cabinWithout(rowCount: number, ...taken: string[]): FreeSeat[] {
  const numbers = Array.from({ length: rowCount }, (_, row) =>
    Array.from('ABCDEF', (letter) => `${String(row + 1)}${letter}`),
  ).flat();
  return seats(...numbers.filter((number) => !taken.includes(number)));
}

test('a party gets exactly its seats, each of them free and none twice, or none if there are too few', () => {
  fc.assert(
    fc.property(cabins(6, 'ABCDEFGHJK', 60), parties(9), rows, (free, party, near) => {
      const given = seatParty(free, party, near);
      if (free.length < party.length) {
        expect(given).toBeNull();
        return;
      }
      expect(new Set(given).size).toBe(party.length);
      const numbers = free.map(({ seatNumber }) => seatNumber);
      expect(numbers).toEqual(expect.arrayContaining(given ?? []));
    }),
    { numRuns: 200 },
  );
});

test('no other way to seat a party is better, for children first, then for staying together', () => {
  const someChoose = fc.array(fc.boolean(), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(cabins(5, 'ABCD', 8), parties(4), someChoose, rows, (all, types, choices, near) => {
      const chosen = all.filter((_, index) => choices[index] === true && index < types.length);
      const party = types.map((passenger, index) =>
        index < chosen.length ? { ...passenger, seatNumber: chosen[index]?.seatNumber } : passenger,
      );
      const free = all.filter((one) => !chosen.includes(one));
      fc.pre(all.length >= party.length);
      const given = seatParty(free, party, near);
      const least = Math.min(...everyWay(free, party).map((way) => costOf(way, party)));
      expect(costOf(given ?? [], party)).toBe(least);
    }),
    { numRuns: 400 },
  );
});

/** Every way to seat a party, as lists of seats in their order. */
function everyWay(free: readonly FreeSeat[], party: readonly SeatedPassenger[]): string[][] {
  const [first, ...others] = party;
  if (first === undefined) return [[]];
  const mine =
    first.seatNumber === undefined ? free.map(({ seatNumber }) => seatNumber) : [first.seatNumber];
  return mine.flatMap((number) =>
    everyWay(
      free.filter(({ seatNumber }) => seatNumber !== number),
      others,
    ).map((rest) => [number, ...rest]),
  );
}

/** How good a way is, counted anew from what the rule says; the less the better. */
function costOf(way: readonly string[], party: readonly SeatedPassenger[]): number {
  const places = way.map((number) => ({ row: seat(number).rowNumber, at: placeOf(number) }));
  const ofAdults = places.filter((_, index) => party[index]?.type === 'adult');
  const distances = places
    .filter((_, index) => party[index]?.type === 'child')
    .map(({ row, at }) => {
      if (ofAdults.some((one) => one.row === row && Math.abs(one.at - at) === 1)) return 0;
      if (ofAdults.some((one) => one.row === row)) return 1;
      return ofAdults.some((one) => Math.abs(one.row - row) === 1) ? 2 : 3;
    });
  const childrenAt = (distance: number) => distances.filter((one) => one === distance).length;
  const groups = places.filter(
    ({ row, at }) => !places.some((left) => left.row === row && left.at === at - 1),
  ).length;
  const inRows = places.map(({ row }) => row);
  const counts = [
    childrenAt(3),
    childrenAt(2),
    childrenAt(1),
    groups,
    new Set(inRows).size,
    Math.max(...inRows) - Math.min(...inRows),
  ];
  return counts.reduce((sum, count) => sum * 32 + count, 0);
}

test('a party sits side by side whenever any row has room for that', () => {
  fc.assert(
    fc.property(
      cabins(6, 'ABCDEFGHJK', 60),
      fc.integer({ min: 1, max: 9 }),
      rows,
      (free, count, near) => {
        fc.pre(hasBlock(free, count));
        const given = seats(...(seatParty(free, adults(count), near) ?? []));
        expect(new Set(given.map(({ rowNumber }) => rowNumber)).size).toBe(1);
        const places = given.map(({ seatNumber }) => placeOf(seatNumber)).sort((a, b) => a - b);
        expect((places.at(-1) ?? 0) - (places[0] ?? 0)).toBe(count - 1);
      },
    ),
    { numRuns: 200 },
  );
});

/**
 * Says it another way than the code under test: some seat has `count - 1` free ones right beside
 * it.
 */
function hasBlock(free: readonly FreeSeat[], count: number): boolean {
  return free.some((first) =>
    Array.from({ length: count }).every((_, step) =>
      free.some(
        ({ seatNumber, rowNumber }) =>
          rowNumber === first.rowNumber && placeOf(seatNumber) === placeOf(first.seatNumber) + step,
      ),
    ),
  );
}

test('a child sits beside the adult who chose a seat, if a seat beside is free', () => {
  const party = [{ ...ADULT, seatNumber: '31F' }, CHILD];
  for (const near of [0, 7, 14, 33])
    expect(seatParty(cabinWithout(40, '31F'), party, near)).toEqual(['31F', '31E']);
  expect(seatParty(cabinWithout(40, '31F', '31E'), party, 7)?.[1]).toMatch(/^31/);
  const withoutRow = cabinWithout(40, ...Array.from('ABCDEF', (letter) => `31${letter}`));
  expect(seatParty(withoutRow, party, 7)?.[1]).toMatch(/^3[02]/);
});

test('two adults and two children who must be split are split one and one', () => {
  const party = [ADULT, ADULT, CHILD, CHILD];
  const [one, other, child, otherChild] = seatParty(seats('1A', '1B', '18A', '18B'), party) ?? [];
  expect([seat(one ?? '').rowNumber, seat(other ?? '').rowNumber].sort()).toEqual([1, 18]);
  expect([seat(child ?? '').rowNumber, seat(otherChild ?? '').rowNumber].sort()).toEqual([1, 18]);
});

test('an adult of two children sits between them', () => {
  expect(seatParty(seats('4A', '4B', '4C'), [ADULT, CHILD, CHILD])).toEqual(['4B', '4A', '4C']);
});

test('a party that can’t sit side by side sits in one row, if one has enough seats', () => {
  const free = seats('1A', '2A', '2C', '2E', '3A');
  expect(seatParty(free, adults(3))).toEqual(['2A', '2C', '2E']);
});

test('a party that fits no row is spread over as few rows as possible, one behind the other', () => {
  const free = seats('1A', '2A', '3A', '4A', '4C');
  expect(seatParty(free, adults(3))).toEqual(['3A', '4A', '4C']);
});

test('H and J are neighbours: no row has an I', () => {
  expect(seatParty(seats('1A', '1H', '1J', '1C'), adults(2))).toEqual(['1H', '1J']);
});

test('parties that start from different rows get different seats', () => {
  const free = seats('1A', '1B', '2A', '2B', '3A', '3B');
  expect(seatParty(free, adults(2), 2)).toEqual(['2A', '2B']);
  expect(seatParty(free, adults(2), 3)).toEqual(['3A', '3B']);
  expect(seatParty(free, adults(2), 4)).toEqual(['1A', '1B']);
});
