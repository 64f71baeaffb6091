/** Letters and digits that can be read out without confusion: no 0 and O, no 1 and I. */
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const LENGTH = 6;
const BITS_PER_CHARACTER = 5n;

/**
 * Proposes the reference of a booking: six characters, derived from the booking's own UUID, so that
 * a retry proposes the same.
 *
 * Two bookings can get the same proposal (there are 32⁶, about a billion). The caller that stores
 * it then tries the next `attempt`, 0 to 3, which reads another 30 bits of the UUID.
 */
export function proposeReference(bookingId: string, attempt = 0): string {
  // The last 120 bits give four proposals of 30. Only the first 8 bits are left out, which hold
  // nothing random.
  const bits = BigInt(`0x${bookingId.replaceAll('-', '')}`) >> (BigInt(attempt) * 30n);
  return Array.from({ length: LENGTH }, (_, position) => {
    const index = (bits >> (BigInt(position) * BITS_PER_CHARACTER)) & 31n;
    return ALPHABET.charAt(Number(index));
  }).join('');
}

/** How many different proposals a booking has. */
export const REFERENCE_ATTEMPTS = 4;
