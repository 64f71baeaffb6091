import fc from 'fast-check';
import { isCancellableAt, quoteCancellation, type PaidBooking } from './cancellation';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const BOOKED_AT = new Date('2026-11-23T10:00:00.000Z');

function usd(amount: number) {
  return { amount, currency: 'USD' };
}

function later(ms: number): Date {
  return new Date(BOOKED_AT.getTime() + ms);
}

function paid(details: Partial<PaidBooking> = {}): PaidBooking {
  return {
    captured: usd(30_000),
    conditions: { refundable: true, cancellationFee: usd(7_500) },
    bookedAt: BOOKED_AT,
    departureAt: later(30 * DAY_MS),
    disruption: null,
    ...details,
  };
}

const SAVER = { refundable: false, cancellationFee: usd(10_000) };

test.each([
  ['a fee is kept', paid(), 2 * DAY_MS, 22_500],
  [
    'a fee above the price leaves nothing',
    paid({ conditions: { refundable: true, cancellationFee: usd(40_000) } }),
    2 * DAY_MS,
    0,
  ],
  ['nothing of a saver fare comes back', paid({ conditions: SAVER }), 2 * DAY_MS, 0],
  ['within 24 hours all comes back', paid({ conditions: SAVER }), 24 * HOUR_MS, 30_000],
  ['a millisecond later it does not', paid({ conditions: SAVER }), 24 * HOUR_MS + 1, 0],
  [
    'within 24 hours of a booking made 7 days ahead',
    paid({ conditions: SAVER, departureAt: later(7 * DAY_MS) }),
    HOUR_MS,
    30_000,
  ],
  [
    'but not of one made a millisecond later',
    paid({ conditions: SAVER, departureAt: later(7 * DAY_MS - 1) }),
    HOUR_MS,
    0,
  ],
])('%s', (_rule, booking, afterMs, refund) => {
  const quote = quoteCancellation(booking, { byOperator: false, at: later(afterMs) });
  expect(quote).toEqual({ refund: usd(refund), fee: usd(30_000 - refund) });
});

test('an operator gives all of it back, whenever and of whatever fare', () => {
  const quote = quoteCancellation(paid({ conditions: SAVER }), {
    byOperator: true,
    at: later(20 * DAY_MS),
  });
  expect(quote).toEqual({ refund: usd(30_000), fee: usd(0) });
});

test('refund and fee are never negative and sum to what was captured', () => {
  const amount = fc.nat(100_000_000);
  fc.assert(
    fc.property(
      amount,
      amount,
      fc.boolean(),
      fc.boolean(),
      fc.nat(60 * DAY_MS),
      (captured, fee, refundable, byOperator, afterMs) => {
        const conditions = { refundable, cancellationFee: usd(fee) };
        const quote = quoteCancellation(paid({ captured: usd(captured), conditions }), {
          byOperator,
          at: later(afterMs),
        });
        expect(quote.refund.amount + quote.fee.amount).toBe(captured);
        expect(Math.min(quote.refund.amount, quote.fee.amount)).toBeGreaterThanOrEqual(0);
      },
    ),
  );
});

test('a booking can be cancelled until its flight departs', () => {
  const booking = { departureAt: later(DAY_MS), disruption: null };
  expect(isCancellableAt(booking, later(DAY_MS - 1))).toBe(true);
  expect(isCancellableAt(booking, booking.departureAt)).toBe(false);
});

describe('while a significant schedule change is not responded to', () => {
  const flight = (amount: number, departsAfterMs: number, isUnusable = false) => ({
    amount,
    departureAt: later(departsAfterMs),
    isUnusable,
  });
  const disrupted = (...segments: ReturnType<typeof flight>[]) =>
    paid({
      conditions: SAVER,
      departureAt: later(30 * DAY_MS),
      disruption: { scheduleChangeId: 'a schedule change', segments, departures: [] },
    });

  test.each([
    ['all of a saver fare comes back before the first departure', 29 * DAY_MS, 30_000],
    ['after it, the price of the flights that were not used', 31 * DAY_MS, 20_000],
    ['after the last one nothing was left unused', 41 * DAY_MS, 0],
  ])('%s', (_rule, afterMs, refund) => {
    const booking = disrupted(flight(10_000, 30 * DAY_MS), flight(20_000, 40 * DAY_MS));
    const quote = quoteCancellation(booking, { byOperator: false, at: later(afterMs) });
    expect(quote).toEqual({ refund: usd(refund), fee: usd(30_000 - refund) });
    expect(isCancellableAt(booking, later(afterMs))).toBe(true);
  });

  test('a cancelled flight was not used, however late it is', () => {
    const booking = disrupted(flight(10_000, 30 * DAY_MS), flight(20_000, 40 * DAY_MS, true));
    const quote = quoteCancellation(booking, { byOperator: true, at: later(50 * DAY_MS) });
    expect(quote.refund).toEqual(usd(20_000));
  });
});
