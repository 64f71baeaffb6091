/** Where the last byte of a UUID begins. */
const LAST_BYTE = 34;

/**
 * Returns the ID of a passenger, which derives from the booking's ID and their position, from 0.
 *
 * So it needs no column, passengers of earlier releases have one, and a retry finds the same. The
 * positions of one booking are below 255, so no two of its passengers share an ID.
 */
export function passengerIdOf(bookingId: string, position: number): string {
  const lastByte = Number.parseInt(bookingId.slice(LAST_BYTE), 16) ^ (position + 1);
  return bookingId.slice(0, LAST_BYTE) + lastByte.toString(16).padStart(2, '0');
}
