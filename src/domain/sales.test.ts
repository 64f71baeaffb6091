import { isOnSale, paymentDeadline, salesCloseAt } from './sales';

const DEPARTURE = new Date('2026-11-23T12:00:00Z');
const QUARTER_OF_AN_HOUR_SECONDS = 900;

test('sales close an hour before departure, to the millisecond', () => {
  expect(salesCloseAt(DEPARTURE)).toEqual(new Date('2026-11-23T11:00:00Z'));
  expect(isOnSale(DEPARTURE, new Date('2026-11-23T10:59:59.999Z'))).toBe(true);
  expect(isOnSale(DEPARTURE, new Date('2026-11-23T11:00:00Z'))).toBe(false);
});

test('a hold must be paid for within the payment window', () => {
  const heldAt = new Date('2026-11-20T08:00:00Z');
  expect(paymentDeadline(heldAt, QUARTER_OF_AN_HOUR_SECONDS, DEPARTURE)).toEqual(
    new Date('2026-11-20T08:15:00Z'),
  );
});

test('a hold made shortly before sales close must be paid for by then', () => {
  const heldAt = new Date('2026-11-23T10:50:00Z');
  expect(paymentDeadline(heldAt, QUARTER_OF_AN_HOUR_SECONDS, DEPARTURE)).toEqual(
    salesCloseAt(DEPARTURE),
  );
});
