import type { Cabin } from '../cabin';
import type { CabinSection } from './cabin-plan';

/** One seat of a layout: `12C` is in row 12. */
export interface LaidOutSeat {
  seatNumber: string;
  rowNumber: number;
  cabin: Cabin;
}

/**
 * The letters of a row from left to right. There is no I, which reads as a 1. Letters continue
 * across the aisles.
 */
const LETTERS = 'ABCDEFGHJK';

/** A row number has at most two digits. */
const MOST_ROWS = 99;

/**
 * Numbers the seats of an aircraft, front to back and left to right. Row numbers continue from
 * cabin to cabin. The last row of a cabin may be short, and then has its first letters only.
 */
export function layOutSeats(sections: readonly CabinSection[]): LaidOutSeat[] {
  const seats: LaidOutSeat[] = [];
  let rowsInFront = 0;
  for (const { cabin, seatCount, seatsPerRow } of sections) {
    if (seatsPerRow > LETTERS.length) throw new Error(`Bug: ${String(seatsPerRow)} seats in a row`);
    for (let seat = 0; seat < seatCount; seat += 1) {
      const rowNumber = rowsInFront + 1 + Math.floor(seat / seatsPerRow);
      const letter = LETTERS.charAt(seat % seatsPerRow);
      seats.push({ seatNumber: `${String(rowNumber)}${letter}`, rowNumber, cabin });
    }
    rowsInFront += Math.ceil(seatCount / seatsPerRow);
  }
  if (rowsInFront > MOST_ROWS) throw new Error(`Bug: ${String(rowsInFront)} rows of seats`);
  return seats;
}
