import type { Spot } from '../shared/spot';

interface NumberedSeat {
  seatNumber: string;
  cabin: string;
}

/** A seat, and where it is in the picture: rows from front to back, columns from left to right. */
export interface PlacedSeat<S extends NumberedSeat> extends Spot {
  seat: S;
}

/** How many seats of a row are left of each aisle, by how many a row has. */
const BLOCKS: Record<number, number[]> = {
  1: [1],
  2: [1, 1],
  3: [1, 2],
  4: [2, 2],
  5: [2, 3],
  6: [3, 3],
  7: [2, 3, 2],
  8: [2, 4, 2],
  9: [3, 3, 3],
  10: [3, 4, 3],
};

/** Letters of seats from left to right; there is no I. */
const LETTERS = 'ABCDEFGHJK';

/**
 * Places the seats of an aircraft. The API doesn't say where aisles are: a row of so many seats has
 * them where such rows usually do. Narrower cabins are in the middle.
 */
export function placeSeats<S extends NumberedSeat>(
  seats: Iterable<S>,
): { placed: PlacedSeat<S>[]; width: number } {
  const all = [...seats];
  const widest = new Map<string, number>();
  for (const { seatNumber, cabin } of all)
    widest.set(cabin, Math.max(widest.get(cabin) ?? 0, letterOf(seatNumber) + 1));
  const widthOf = (seatsPerRow: number) => seatsPerRow + blocksOf(seatsPerRow).length - 1;
  const width = Math.max(0, ...[...widest.values()].map(widthOf));
  const placed = all.map((seat) => {
    const seatsPerRow = widest.get(seat.cabin) ?? 0;
    const letter = letterOf(seat.seatNumber);
    const margin = (width - widthOf(seatsPerRow)) / 2;
    const column = margin + letter + aislesBefore(seatsPerRow, letter);
    return { seat, id: seat.seatNumber, column, row: rowOf(seat.seatNumber) };
  });
  return { placed, width };
}

const blocksOf = (seatsPerRow: number): number[] => BLOCKS[seatsPerRow] ?? [seatsPerRow];

function aislesBefore(seatsPerRow: number, letter: number): number {
  let seatsSoFar = 0;
  let aisles = -1;
  for (const block of blocksOf(seatsPerRow)) {
    if (letter < seatsSoFar) break;
    seatsSoFar += block;
    aisles += 1;
  }
  return aisles;
}

const letterOf = (seatNumber: string): number => LETTERS.indexOf(seatNumber.slice(-1));
const rowOf = (seatNumber: string): number => Number(seatNumber.slice(0, -1));
