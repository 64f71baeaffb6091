import * as fc from 'fast-check';
import { quoteChange, quoteExpiresAt } from './quote';

function usd(amount: number) {
  return { amount, currency: 'USD' };
}

function quoted(price: number, newTotal: number, fee: number) {
  return quoteChange({ price: usd(price), newTotal: usd(newTotal), changeFee: usd(fee) });
}

test.each([
  ['dearer flights cost the difference and the fee', 300, 400, 50, 150, 0],
  ['cheaper flights give back what the fee leaves', 300, 200, 50, 0, 50],
  ['a fee above what would go back is paid', 300, 280, 50, 30, 0],
  ['a fee that is all that would go back leaves nothing either way', 300, 250, 50, 0, 0],
  ['flights of the same price cost the fee', 300, 300, 50, 50, 0],
])('%s', (_rule, price, newTotal, fee, toPay, toRefund) => {
  expect(quoted(price, newTotal, fee)).toEqual({
    newTotal: usd(newTotal),
    fee: usd(fee),
    difference: usd(newTotal - price),
    toPay: usd(toPay),
    toRefund: usd(toRefund),
  });
});

test('what is paid less what goes back is the difference and the fee; one of both is zero', () => {
  const amount = fc.integer({ min: 1, max: 100_000_000 });
  fc.assert(
    fc.property(amount, amount, fc.nat(1_000_000), (price, newTotal, fee) => {
      const { toPay, toRefund, difference } = quoted(price, newTotal, fee);
      expect(toPay.amount - toRefund.amount).toBe(difference.amount + fee);
      expect(Math.min(toPay.amount, toRefund.amount)).toBe(0);
      expect(Math.max(toPay.amount, toRefund.amount)).toBeGreaterThanOrEqual(0);
      expect(toRefund.amount).toBeLessThan(price);
    }),
  );
});

const NOON = new Date('2027-03-01T12:00:00.000Z');
const later = (minutes: number) => new Date(NOON.getTime() + minutes * 60_000);

test.each([
  ['after a quarter of an hour', 600, 600, 15],
  ['when sales of a new flight close', 70, 600, 10],
  ['when the booking begins', 600, 5, 5],
])('a quote expires %s', (_when, newDeparture, departure, expires) => {
  const at = quoteExpiresAt({
    quotedAt: NOON,
    newDepartures: [later(2_000), later(newDeparture)],
    departureAt: later(departure),
  });
  expect(at).toEqual(later(expires));
});

test('a quote of a shorter way, without new flights, expires too', () => {
  const departureAt = later(600);
  const at = quoteExpiresAt({ quotedAt: NOON, newDepartures: [], departureAt });
  expect(at).toEqual(later(15));
});
