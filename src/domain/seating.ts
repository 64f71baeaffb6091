import { placeOf, seatRow, seatsAt, type Row, type RowSeating } from './row-seating';

/** A free seat: its number, and its row. */
export interface FreeSeat {
  seatNumber: string;
  rowNumber: number;
}

/** A passenger who needs a seat of their own; `seatNumber` only if they chose one. */
export interface SeatedPassenger {
  type: 'adult' | 'child';
  seatNumber?: string | undefined;
}

/**
 * Seats a party. Returns the seat of each passenger, in their order; null when too few seats are
 * free.
 *
 * Passengers who chose a seat get it. Of all ways to seat the others, the best is chosen by these
 * criteria, in this order:
 *
 * 1. the fewest children with no adult in their row or the next one;
 * 2. the fewest children with no adult in their row;
 * 3. the fewest children with no adult in the seat beside them;
 * 4. the fewest groups that sit side by side;
 * 5. the fewest rows;
 * 6. rows that are closest together;
 * 7. the start closest to the row `near`, or behind it. Callers vary it, so that parties who book
 *    at once don't all want the same seats.
 *
 * The seat across an aisle counts as beside: seat numbers don't tell where aisles are. `free` is
 * without the chosen seats. Pure: the rows that the database locks decide, not this choice.
 */
export function seatParty(
  free: readonly FreeSeat[],
  party: readonly SeatedPassenger[],
  near = 0,
): string[] | null {
  const automatic = party.filter(({ seatNumber }) => seatNumber === undefined);
  if (free.length < automatic.length) return null;
  const children = automatic.filter(({ type }) => type === 'child').length;
  const seats = findSeats(rowsOf(free, party), automatic.length - children, children, near);
  const take = { adult: seats.adults.values(), child: seats.children.values() };
  return party.map(({ type, seatNumber }) => {
    const seat = seatNumber ?? take[type].next().value;
    if (seat === undefined) throw new Error('Bug: someone of the party has no seat');
    return seat;
  });
}

function rowsOf(free: readonly FreeSeat[], party: readonly SeatedPassenger[]): Row[] {
  const rows = new Map<number, Row>();
  const rowAt = (rowNumber: number): Row => {
    const row = rows.get(rowNumber) ?? {
      rowNumber,
      free: 0,
      chosenByAdults: 0,
      chosenByChildren: 0,
    };
    rows.set(rowNumber, row);
    return row;
  };
  for (const { seatNumber, rowNumber } of free) rowAt(rowNumber).free |= 1 << placeOf(seatNumber);
  for (const { type, seatNumber } of party) {
    if (seatNumber === undefined) continue;
    const chosen = type === 'adult' ? 'chosenByAdults' : 'chosenByChildren';
    rowAt(Number.parseInt(seatNumber, 10))[chosen] |= 1 << placeOf(seatNumber);
  }
  return [...rows.values()].sort((a, b) => a.rowNumber - b.rowNumber);
}

/** Each weight is greater than the sum of all later ones: at most 9 people, 99 rows. */
const ROW_DISTANCE = 128;
const ROWS = ROW_DISTANCE * 128;
const GROUPS = ROWS * 16;
const NOT_BESIDE = GROUPS * 16;
const NOT_IN_ROW = NOT_BESIDE * 16;
const ALONE = NOT_IN_ROW * 16;

/** A way to seat some of the party in the rows so far. */
interface Way {
  cost: number;
  /** The row, and who is seated in it; the rows before it. */
  row?: Row;
  seating?: RowSeating;
  before?: Way;
}

/**
 * What the row in front holds: nobody who matters, an adult, or a number of children (counted from
 * here) without one.
 */
const NOBODY = 0;
const ADULT = 1;

/**
 * Dynamic programming over the rows, from front to back. Keeps the best way to each state: how many
 * are seated, and what the row in front means for the next.
 */
function findSeats(
  rows: readonly Row[],
  adults: number,
  children: number,
  near: number,
): { adults: string[]; children: string[] } {
  const width = children + 1;
  const known = new Map<string, readonly (RowSeating | undefined)[]>();
  const everyone = adults * width + children;
  const FRONTS = 12;
  const hasChosen = rows.map((row) => (row.chosenByAdults | row.chosenByChildren) !== 0);
  const [firstChosen, lastChosen] = [hasChosen.indexOf(true), hasChosen.lastIndexOf(true)];
  const rank = rankFrom(rows, near);

  let ways = new Map<number, Way>([[NOBODY, { cost: 0 }]]);
  rows.forEach((row, index) => {
    const key = `${String(row.free)} ${String(row.chosenByAdults)} ${String(row.chosenByChildren)}`;
    const seatings = known.get(key) ?? seatRow(row, adults, children);
    known.set(key, seatings);
    const gap = index === 0 ? 1 : row.rowNumber - (rows[index - 1]?.rowNumber ?? 0);
    const isChosenBefore = firstChosen >= 0 && firstChosen < index;
    const next = new Map<number, Way>();
    for (const [state, way] of ways) {
      const front = state % FRONTS;
      const seated = (state - front) / FRONTS;
      const [seatedAdults, seatedChildren] = [Math.floor(seated / width), seated % width];
      const isBegun = seated > 0 || isChosenBefore;
      const isDone = seated === everyone && lastChosen < index;
      const cost = way.cost + (isBegun && !isDone ? gap * ROW_DISTANCE : 0);
      seatings.forEach((seating, more) => {
        if (seating === undefined) return;
        const [moreAdults, moreChildren] = [Math.floor(more / width), more % width];
        if (seatedAdults + moreAdults > adults || seatedChildren + moreChildren > children) return;
        const step = stepInto(row, seating, gap === 1 ? front : NOBODY);
        const lost = gap === 1 ? 0 : orphansOf(front) * ALONE;
        const start = isBegun || seating.groups === 0 ? 0 : (rank.get(row.rowNumber) ?? 0);
        const total = cost + step.cost + lost + start;
        const to = (seated + more) * FRONTS + step.front;
        const best = next.get(to);
        if (best === undefined || total < best.cost)
          next.set(to, { cost: total, row, seating, before: way });
      });
    }
    ways = next;
  });

  let best: Way | undefined;
  for (const [state, way] of ways) {
    const front = state % FRONTS;
    if ((state - front) / FRONTS !== everyone) continue;
    const cost = way.cost + orphansOf(front) * ALONE;
    if (best === undefined || cost < best.cost) best = { ...way, cost };
  }
  return seatsOf(best);
}

function orphansOf(front: number): number {
  return front > ADULT ? front - ADULT : 0;
}

/**
 * Returns what a row adds, and what it means for the row behind it, given the row in front of it.
 */
function stepInto(
  row: Row,
  { unaccompanied, groups, adults }: RowSeating,
  front: number,
): { cost: number; front: number } {
  const cost = groups === 0 ? 0 : groups * GROUPS + ROWS;
  if ((adults | row.chosenByAdults) !== 0)
    return {
      cost: cost + unaccompanied * NOT_BESIDE + orphansOf(front) * NOT_IN_ROW,
      front: ADULT,
    };
  if (front === ADULT) return { cost: cost + unaccompanied * NOT_IN_ROW, front: NOBODY };
  return {
    cost: cost + orphansOf(front) * ALONE,
    front: unaccompanied === 0 ? NOBODY : ADULT + unaccompanied,
  };
}

/**
 * Returns the order in which rows are preferred as the first: from `near` on, then from the front.
 */
function rankFrom(rows: readonly Row[], near: number): Map<number, number> {
  const numbers = rows.map(({ rowNumber }) => rowNumber);
  const inOrder = [
    ...numbers.filter((rowNumber) => rowNumber >= near),
    ...numbers.filter((rowNumber) => rowNumber < near),
  ];
  return new Map(inOrder.map((rowNumber, rank) => [rowNumber, rank]));
}

function seatsOf(best: Way | undefined): { adults: string[]; children: string[] } {
  const seats = { adults: [] as string[], children: [] as string[] };
  for (let way = best; way !== undefined; way = way.before) {
    const { row, seating } = way;
    if (row === undefined || seating === undefined) continue;
    seats.adults.unshift(...seatsAt(seating.adults, row.rowNumber));
    seats.children.unshift(...seatsAt(seating.children, row.rowNumber));
  }
  return seats;
}
