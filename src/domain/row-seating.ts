/** Seats of one row as bits; the leftmost seat is the lowest bit. */
export type Places = number;

/** One row: its free seats, and the seats that passengers of the party chose. */
export interface Row {
  rowNumber: number;
  free: Places;
  chosenByAdults: Places;
  chosenByChildren: Places;
}

/** The best way to seat a number of passengers in one row. */
export interface RowSeating {
  /** Children without an adult right beside them, including those who chose their seats. */
  unaccompanied: number;
  /** Groups of passengers who sit side by side. */
  groups: number;
  adults: Places;
  children: Places;
}

/**
 * From left to right; no row has an I. Letters run on across aisles, so seats on both sides of an
 * aisle count as adjacent.
 */
const LETTERS = 'ABCDEFGHJKLMNOPQRSTUVWXYZ';

export function placeOf(seatNumber: string): number {
  const place = LETTERS.indexOf(seatNumber.slice(-1));
  if (place < 0) throw new Error(`Bug: seat ${seatNumber} has no letter that we know`);
  return place;
}

/** The seats of a row, from left to right. */
export function seatsAt(places: Places, rowNumber: number): string[] {
  return Array.from(LETTERS)
    .filter((_, place) => isIn(places, place))
    .map((letter) => `${String(rowNumber)}${letter}`);
}

function isIn(places: Places, place: number): boolean {
  return (places & (1 << place)) !== 0;
}

/**
 * Who sits in the seat to the left, as far as that matters: a child without an adult may still get
 * one.
 */
const NOBODY = 0;
const ADULT = 1;
const CHILD = 2;
const WAITING_CHILD = 3;
const KINDS = 4;

/** More than the number of people in any row. */
const BASE = 32;

/**
 * Finds the best seats of one row for each number of adults and children up to `adults` and
 * `children`. Best means: the fewest children without an adult beside them, then the fewest groups,
 * then as far to the left as possible.
 *
 * Dynamic programming from left to right keeps the best way to each state. Returns an entry at
 * `moreAdults * (children + 1) + moreChildren`, undefined where the row has too few seats.
 */
export function seatRow(
  row: Row,
  adults: number,
  children: number,
): readonly (RowSeating | undefined)[] {
  const width = children + 1;
  let ways: (Way | undefined)[] = [];
  ways[NOBODY] = { cost: 0, adults: 0, children: 0 };
  const all = row.free | row.chosenByAdults | row.chosenByChildren;
  for (let place = 0; all >> place !== 0; place += 1) {
    const next: (Way | undefined)[] = [];
    const isChosen = isIn(row.chosenByAdults | row.chosenByChildren, place);
    const bit = isChosen ? 0 : 1 << place;
    ways.forEach((way, state) => {
      if (way === undefined) return;
      const left = state % KINDS;
      const party = (state - left) / KINDS;
      const [placedAdults, placedChildren] = [Math.floor(party / width), party % width];
      const isFree = isIn(row.free, place);
      if (!isChosen) keep(next, party * KINDS + NOBODY, leaveEmpty(way, left));
      if (isIn(row.chosenByAdults, place) || (isFree && placedAdults < adults))
        keep(next, (party + (isChosen ? 0 : width)) * KINDS + ADULT, seatAdult(way, left, bit));
      if (isIn(row.chosenByChildren, place) || (isFree && placedChildren < children)) {
        const kind = left === ADULT ? CHILD : WAITING_CHILD;
        keep(next, (party + (isChosen ? 0 : 1)) * KINDS + kind, seatChild(way, left, bit));
      }
    });
    ways = next;
  }
  const best: (Way | undefined)[] = [];
  ways.forEach((way, state) => {
    if (way === undefined) return;
    const left = state % KINDS;
    keep(best, (state - left) / KINDS, leaveEmpty(way, left));
  });
  return best.map(
    (way) =>
      way && {
        unaccompanied: Math.floor(way.cost / BASE),
        groups: way.cost % BASE,
        adults: way.adults,
        children: way.children,
      },
  );
}

/** `cost`: unaccompanied children, then groups. */
interface Way {
  cost: number;
  adults: Places;
  children: Places;
}

function keep(ways: (Way | undefined)[], state: number, way: Way): void {
  const known = ways[state];
  if (known === undefined || isBetter(way, known)) ways[state] = way;
}

function isBetter(one: Way, other: Way): boolean {
  if (one.cost !== other.cost) return one.cost < other.cost;
  return (one.adults | one.children) < (other.adults | other.children);
}

function leaveEmpty(way: Way, left: number): Way {
  return left === WAITING_CHILD ? { ...way, cost: way.cost + BASE } : way;
}

function seatAdult(way: Way, left: number, bit: Places): Way {
  const cost = way.cost + (left === NOBODY ? 1 : 0);
  return { ...way, cost, adults: way.adults | bit };
}

function seatChild(way: Way, left: number, bit: Places): Way {
  const cost = way.cost + (left === NOBODY ? 1 : 0) + (left === WAITING_CHILD ? BASE : 0);
  return { ...way, cost, children: way.children | bit };
}
