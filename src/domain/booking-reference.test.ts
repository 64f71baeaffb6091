import * as fc from 'fast-check';
import { v4 as uuidv4 } from 'uuid';
import { proposeReference, REFERENCE_ATTEMPTS } from './booking-reference';

const attempts = fc.integer({ min: 0, max: REFERENCE_ATTEMPTS - 1 });

test('a reference is six characters that can be read out: no 0 and O, no 1 and I', () => {
  fc.assert(
    fc.property(fc.uuid(), attempts, (bookingId, attempt) => {
      expect(proposeReference(bookingId, attempt)).toMatch(/^[2-9A-HJ-NP-Z]{6}$/);
    }),
  );
});

test('a retry proposes the same reference', () => {
  fc.assert(
    fc.property(fc.uuid(), attempts, (bookingId, attempt) => {
      expect(proposeReference(bookingId, attempt)).toBe(proposeReference(bookingId, attempt));
    }),
  );
});

test('the four proposals of a booking are different ones, but for rare luck', () => {
  const bookings = Array.from({ length: 1_000 }, () => uuidv4());
  const unlucky = bookings.filter((bookingId) => {
    const proposals = [0, 1, 2, 3].map((attempt) => proposeReference(bookingId, attempt));
    return new Set(proposals).size < REFERENCE_ATTEMPTS;
  });
  // Two of four proposals agree once in 180 million bookings.
  expect(unlucky).toEqual([]);
});

test('two thousand bookings hardly ever propose the same', () => {
  const references = new Set(Array.from({ length: 2_000 }, () => proposeReference(uuidv4())));
  // Among 2,000 of a billion, two collide once in 500 runs; two pairs never in practice.
  expect(references.size).toBeGreaterThanOrEqual(1_999);
});
