/** Seats of one row as bits, the leftmost lowest. */
export type Places = number;

/** What there is in one row: free seats, and seats that people of the party chose. */
export interface Row {
  rowNumber: number;
  free: Places;
  chosenByAdults: Places;
  chosenByChildren: Places;
}

/** The best way to seat so many more people in one row. */
export interface RowSeating {
  /** Children without an adult right beside them, those who chose their seats among them. */
  unaccompanied: number;
  /** Groups of people who sit side by side. */
  groups: number;
  adults: Places;
  children: Places;
}

/**
 * From left to right; no row has an I. Letters run on across aisles, so whoever sits across one is
 * next to it.
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
 * Who sits in the seat to the left, as far as that matters; a child who has no adult yet waits for
 * one.
 */
const NOBODY = 0;
const ADULT = 1;
const CHILD = 2;
const WAITING_CHILD = 3;
const KINDS = 4;

/** More than any count of people in a row. */
const BASE = 32;

/**
 * Finds the best seats of one row for each number of adults and children up to `adults` and
 * `children`: with the fewest children who have no adult beside them, then in the fewest groups,
 * then as far to the left as can be.
 *
 * Goes through the row from left to right, and keeps the best way to each state. Returns an entry
 * at `moreAdults * (children + 1) + moreChildren`, undefined where the row has too few seats.
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
