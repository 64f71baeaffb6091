import { randomUUID } from 'node:crypto';
import { validate } from 'uuid';
import { passengerIdOf } from './passenger-id';

test('each passenger of a booking has an ID of their own, which is a UUID and not that of the booking', () => {
  const bookingId = randomUUID();
  const ids = Array.from({ length: 18 }, (_, position) => passengerIdOf(bookingId, position));
  expect(new Set([bookingId, ...ids]).size).toBe(19);
  expect(ids.every((id) => validate(id))).toBe(true);
});

test('a passenger keeps their ID, and shares it with nobody of another booking', () => {
  const [one, other] = [randomUUID(), randomUUID()];
  expect(passengerIdOf(one, 3)).toBe(passengerIdOf(one, 3));
  expect(passengerIdOf(one, 3)).not.toBe(passengerIdOf(other, 3));
});
