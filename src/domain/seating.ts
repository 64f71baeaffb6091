/** A seat that is free: its number, and the row it is in. */
export interface FreeSeat {
  seatNumber: string;
  rowNumber: number;
}

/**
 * Picks seats for a party, together where it can: side by side in one row, else in one row, else in rows as close as possible.
 *
 * `near` is the row to start looking from; callers spread it, so that parties who book at once don't all want the same seats.
 * Answers null when fewer than `count` seats are free. Pure: the rows that the database locks decide, not this choice.
 */
export function chooseSeats(free: readonly FreeSeat[], count: number, near = 0): string[] | null {
  if (free.length < count) return null;
  const rows = groupByRow(free);
  const byDistance = [...rows.keys()].sort(
    (a, b) => distance(a, near) - distance(b, near) || a - b,
  );

  for (const row of byDistance) {
    const block = findAdjacent(rows.get(row) ?? [], count);
    if (block !== null) return block;
  }
  for (const row of byDistance) {
    const seats = rows.get(row) ?? [];
    if (seats.length >= count) return seats.slice(0, count);
  }
  return spreadOverRows(rows, byDistance, count);
}

/** Rows before `near` come after all those behind it: a search that begins in the middle goes round once. */
function distance(row: number, near: number): number {
  return row >= near ? row - near : 1_000 + row;
}

function groupByRow(free: readonly FreeSeat[]): Map<number, string[]> {
  const rows = new Map<number, string[]>();
  for (const { seatNumber, rowNumber } of free) {
    rows.set(rowNumber, [...(rows.get(rowNumber) ?? []), seatNumber]);
  }
  for (const seats of rows.values()) seats.sort();
  return rows;
}

/** Seats are side by side when their letters follow one another; no row has an I, so H and J do. */
const LETTERS = 'ABCDEFGHJK';

function findAdjacent(seats: readonly string[], count: number): string[] | null {
  for (let first = 0; first + count <= seats.length; first += 1) {
    const block = seats.slice(first, first + count);
    const [start, end] = [letterIndex(block[0]), letterIndex(block.at(-1))];
    if (end - start === count - 1) return block;
  }
  return null;
}

function letterIndex(seatNumber = ''): number {
  return LETTERS.indexOf(seatNumber.slice(-1));
}

/** Takes the run of rows, in the order given, that reaches `count` seats over the fewest rows from its start. */
function spreadOverRows(
  rows: Map<number, string[]>,
  order: readonly number[],
  count: number,
): string[] {
  const seatsInOrder = order.map((row) => rows.get(row) ?? []);
  let best: string[][] = seatsInOrder;
  for (let start = 0; start < seatsInOrder.length; start += 1) {
    let seats = 0;
    for (let end = start; end < seatsInOrder.length && seats < count; end += 1) {
      seats += seatsInOrder[end]?.length ?? 0;
      if (seats >= count && end + 1 - start < best.length)
        best = seatsInOrder.slice(start, end + 1);
    }
  }
  return best.flat().slice(0, count);
}
