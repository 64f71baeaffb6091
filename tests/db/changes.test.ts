import { randomUUID } from 'node:crypto';
import { auditBooks } from '../../src/db/audit/auditor';
import { cancelBookedBooking } from '../../src/db/bookings/cancel-booked';
import { readKnownBooking } from '../../src/db/bookings/booking-view';
import { reserve } from '../../src/db/bookings/reservations';
import { chargeOf, startChangePayment } from '../../src/db/changes/charge';
import { completeChange } from '../../src/db/changes/complete-change';
import { declineChange, failChange } from '../../src/db/changes/fail-change';
import { holdChange } from '../../src/db/changes/hold-change';
import type { Db } from '../../src/db/connection';
import { recordUnappliedPayments } from '../../src/db/external-payments/unapplied';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { recordVoid, startPayment } from '../../src/db/payments/card-payments';
import { recordProviderRefund } from '../../src/db/provider-money/provider-money';
import {
  leaveRefundToOperator,
  recordRefund,
  recordSettlement,
} from '../../src/db/refunds/refunds';
import type { ReportedRefund } from '../../src/temporal/contracts/provider-reports';
import { SYSTEM } from '../../src/domain/booking-event';
import type { ChangeQuote } from '../../src/domain/changes/change';
import type { SliceExchange } from '../../src/domain/changes/exchange';
import type { BookingChange } from '../../src/temporal/contracts/change';
import type { BookingRequest } from '../../src/temporal/contracts/booking';
import { putOnSale } from '../api/timetable';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { adult, paymentFor, seatsByState } from '../support/flights';
import { breakTheBooks } from './book-faults';
import {
  itineraryRequest,
  putRoundTripOnSale,
  type RoundTrip,
  WAY_BACK,
  YEAR,
} from '../support/itineraries';
import { eventsOf, ledgerOf, settleWithProvider, terms } from './inventory';
import { beginChange, changeBy as changeOf, quoteChange } from './making-changes';

/** A round trip of four flights for 540 dollars is changed; the fee is 25. */

const FEE = 2_500;
const NOW = new Date();

let database: TestDatabase;
let db: Db;
let trip: RoundTrip;
let booking: BookingRequest;
/** From Los Angeles to Newark: dearer by 40 dollars than the last flight, and cheaper by 90. */
let dear: string;
let cheap: string;

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
});

afterAll(() => database.drop());

beforeEach(async () => {
  trip = await putRoundTripOnSale(db);
  [dear = '', cheap = ''] = await putOnSale(
    db,
    [19_000, 6_000].map((price) => ({
      from: 'LAX',
      to: 'EWR',
      date: WAY_BACK,
      time: '17:00',
      cabins: [{ cabin: 'economy' as const, seats: 2, price }],
    })),
  );
  booking = itineraryRequest(trip.slices);
  await sell(booking, 54_000);
});

async function sell(request: BookingRequest, amount: number): Promise<void> {
  expect(await reserve(db, request, terms())).toMatchObject({ outcome: 'held' });
  const payment = paymentFor(request, { amount });
  await startPayment(db, payment, 'sandbox');
  await confirmWithCardPayment(db, payment, `spi_${payment.paymentId}`);
}

/** The way back, by another last flight. */
const back = (last: string): SliceExchange[] => [
  { replaces: 1, flightIds: [trip.flightIds[2] ?? '', last] },
];

const quoted = async (exchanges: SliceExchange[]) => quoteChange(db, booking, exchanges);

const changeBy = (quote: ChangeQuote, details: Partial<BookingChange> = {}) =>
  changeOf(booking, quote, details);

/** Holds, charges and completes a change, as its saga does. */
async function made(exchanges: SliceExchange[]) {
  const change = changeBy(await quoted(exchanges));
  const { complete } = await beginChange(db, change);
  return { change, complete, completed: await complete() };
}

async function expectCleanBooks(): Promise<void> {
  await settleWithProvider(db);
  expect(await auditBooks(db)).toEqual([]);
}

const seatsOf = async (flightId: string | undefined) => seatsByState(db, flightId ?? '');

test('a dearer flight is held beside the old one, paid for, and takes its place', async () => {
  const quote = await quoted(back(dear));
  expect(quote).toMatchObject({
    newTotal: { amount: 58_000 },
    difference: { amount: 4_000 },
    fee: { amount: FEE },
    toPay: { amount: 6_500 },
    toRefund: { amount: 0 },
  });
  await holdChange(db, changeBy(quote), NOW);
  expect(await seatsOf(dear)).toEqual({ free: 1, held: 1, sold: 0 });
  expect(await seatsOf(trip.flightIds[3])).toMatchObject({ sold: 1 });
  await expectCleanBooks();
});

test('once it is paid for the old seat is free, the new one sold, and the price is the new one', async () => {
  const { completed } = await made(back(dear));
  expect(completed).toMatchObject({
    outcome: 'completed',
    change: { status: 'completed', payment: { amount: 6_500, status: 'captured' }, refund: null },
  });
  expect(await seatsOf(dear)).toEqual({ free: 1, held: 0, sold: 1 });
  expect(await seatsOf(trip.flightIds[3])).toMatchObject({ sold: 0, held: 0 });
  const now = await readKnownBooking(db, booking.bookingId);
  expect(now).toMatchObject({
    status: 'booked',
    price: { amount: 58_000 },
    payment: { amount: 54_000, status: 'captured' },
    refund: null,
  });
  expect(now.slices?.[1]?.segments.map(({ id }) => id)).toEqual([trip.flightIds[2], dear]);
  expect(now.passengers[0]?.seats).toHaveLength(4);
  expect(await ledgerOf(db, booking.bookingId)).toMatchObject({
    'receivable:sandbox': 60_500,
    'revenue:change_fees': -FEE,
    'liability:change_payments': 0,
  });
  expect(await eventsOf(db, booking.bookingId)).toEqual([
    ...['seats_held', 'payment_started', 'booked'],
    ...['change_started', 'payment_started', 'changed'],
  ]);
  await expectCleanBooks();
});

test('of a cheaper flight the difference goes back, less the fee', async () => {
  const { completed, complete } = await made(back(cheap));
  expect(completed).toMatchObject({
    change: {
      payment: null,
      refund: { status: 'pending', amount: 9_000 - FEE },
      booking: { price: { amount: 45_000 }, refund: null },
    },
  });
  expect(await complete()).toEqual(completed);
  expect(await ledgerOf(db, booking.bookingId)).toMatchObject({
    'liability:refunds': -6_500,
    'revenue:change_fees': -FEE,
  });
  await expectCleanBooks();
});

test('what goes back, and fails at the provider after all, is owed again by the change', async () => {
  const { change } = await made(back(cheap));
  const refund = await db('refunds').where({ change_id: change.changeId }).first();
  const { id: refundId = '', payment_id: paymentId = '', amount = 0 } = refund ?? {};
  expect(await recordRefund(db, paymentId, `sre_${refundId}`, refundId)).toBe(true);
  const failed: ReportedRefund = {
    kind: 'refund',
    provider: 'sandbox',
    providerPaymentId: `spi_${paymentId}`,
    refundId,
    providerRefundId: `sre_${refundId}`,
    status: 'failed',
    amount,
    currency: 'USD',
    toldAt: NOW.toISOString(),
  };
  for (const _ of [1, 2])
    expect(await recordProviderRefund(db, failed)).toEqual([{ paymentId, refundId }]);
  expect(await db('refunds').where({ id: refundId }).first()).toMatchObject({
    status: 'needs_operator',
  });
  expect(await recordRefund(db, paymentId, `sre_${refundId}`, refundId)).toBe(false);
  await recordSettlement(db, paymentId, { settledBy: 'op-7', note: 'By bank.' }, refundId);
  await expectCleanBooks();
});

test('a way of two flights can become a direct one, and the last of a booking its only one', async () => {
  const [direct = ''] = await putOnSale(db, [
    { from: 'GRU', to: 'EWR', date: WAY_BACK, time: '09:00' },
  ]);
  await made([{ replaces: 1, flightIds: [direct] }]);
  const now = await readKnownBooking(db, booking.bookingId);
  expect(now.slices?.map(({ segments }) => segments.length)).toEqual([2, 1]);
  expect(await seatsOf(trip.flightIds[2])).toMatchObject({ sold: 0 });
  await expectCleanBooks();
});

test('a booking of one flight can become one of two, and one again', async () => {
  const [one = '', other = ''] = await putOnSale(db, [
    { date: `${YEAR}-04-01`, time: '08:00' },
    { date: `${YEAR}-04-02`, time: '08:00' },
  ]);
  const [first = '', second = ''] = await putOnSale(db, [
    { to: 'SFO', date: `${YEAR}-04-01`, time: '08:00' },
    { from: 'SFO', to: 'LAX', date: `${YEAR}-04-01`, time: '16:00', minutes: 90 },
  ]);
  booking = itineraryRequest([{ flightIds: [one] }], { passengers: [adult(), adult()] });
  expect(await reserve(db, booking, terms())).toMatchObject({ outcome: 'held' });
  const payment = paymentFor(booking, { amount: 24_000 });
  await startPayment(db, payment, 'sandbox');
  await confirmWithCardPayment(db, payment, `spi_${payment.paymentId}`);

  await made([{ replaces: 0, flightIds: [first, second] }]);
  expect(await readKnownBooking(db, booking.bookingId)).toMatchObject({
    flight: { id: first },
    passengers: [{ seats: [{ flightId: first }, { flightId: second }] }, {}],
  });
  await expectCleanBooks();

  await made([{ replaces: 0, flightIds: [other] }]);
  const now = await readKnownBooking(db, booking.bookingId);
  expect(now.slices).toHaveLength(1);
  expect(now.passengers.map(({ seats }) => seats?.map(({ flightId }) => flightId))).toEqual([
    [other],
    [other],
  ]);
  expect(await seatsOf(one)).toMatchObject({ free: 6 });
  expect(await seatsOf(first)).toMatchObject({ free: 6 });
  await expectCleanBooks();
});

test('a change that fails gives its seats back, and leaves the booking as it was', async () => {
  const before = await readKnownBooking(db, booking.bookingId);
  const change = changeBy(await quoted(back(dear)));
  await holdChange(db, change, NOW);
  await failChange(db, change, 'payment_not_completed');
  await failChange(db, change, 'payment_not_completed');
  expect(await readKnownBooking(db, booking.bookingId)).toEqual(before);
  expect(await seatsOf(dear)).toEqual({ free: 2, held: 0, sold: 0 });
  await expectCleanBooks();
});

test('a declined card ends the change, and the quote may be tried with another card', async () => {
  const quote = await quoted(back(dear));
  const change = changeBy(quote);
  const payment = chargeOf(change, await holdChange(db, change, NOW));
  await startChangePayment(db, { ...change, payment }, 'sandbox');
  await expect(failChange(db, change, 'payment_not_completed')).rejects.toThrow('under way');
  const decline = { paymentId: payment.paymentId, declineCode: 'insufficient_funds' };
  const declined = await declineChange(db, change, decline);
  expect(declined).toMatchObject({ outcome: 'declined', declineCode: 'insufficient_funds' });
  expect(await declineChange(db, change, decline)).toEqual(declined);
  expect(await seatsOf(dear)).toEqual({ free: 2, held: 0, sold: 0 });
  expect(await holdChange(db, changeBy(quote), NOW)).toMatchObject({ status: 'pending' });
  await expectCleanBooks();
});

test('while an earlier charge waits for an operator nothing more is charged, and nothing is left behind', async () => {
  const quote = await quoted(back(dear));
  const failed = changeBy(quote);
  const payment = chargeOf(failed, await holdChange(db, failed, NOW));
  await startChangePayment(db, { ...failed, payment }, 'sandbox');
  await leaveRefundToOperator(db, payment.paymentId, 'provider_silent');
  await failChange(db, failed, 'payment_not_completed');
  const change = changeBy(quote);
  await expect(holdChange(db, change, NOW)).rejects.toMatchObject({
    code: 'payment_in_progress',
    retryAt: new Date(NOW.getTime() + 60_000),
  });
  expect(await seatsOf(dear)).toMatchObject({ held: 0 });
  await recordVoid(db, { paymentId: payment.paymentId, bookingId: booking.bookingId });
  expect(await holdChange(db, change, NOW)).toMatchObject({ status: 'pending' });
});

test('a charge that was reported while its provider did not answer pays for the change', async () => {
  const change = changeBy(await quoted(back(dear)));
  const payment = chargeOf(change, await holdChange(db, change, NOW));
  await startChangePayment(db, { ...change, payment }, 'sandbox');
  const { paymentId, bookingId, amount, currency } = payment;
  const capture = { paymentId, provider: 'sandbox', providerPaymentId: `spi_${paymentId}` };
  const reported = { ...capture, bookingId, amount, currency };
  const unapplied = { payment: reported, reason: 'provider_silent' } as const;
  await recordUnappliedPayments(db, [unapplied], ['sandbox']);
  expect(await completeChange(db, change, { capture, ourProviders: ['sandbox'] })).toMatchObject({
    outcome: 'completed',
  });
  await expectCleanBooks();
});

test('a change that is completed again says what it said first, whatever has happened since', async () => {
  const change = changeBy(await quoted(back(cheap)));
  await holdChange(db, change, NOW);
  const terms = { capture: undefined, ourProviders: ['sandbox'] };
  const first = await completeChange(db, change, terms);
  await db('flights')
    .where({ id: cheap })
    .update({ arrival_at: new Date(Date.now() + 1e11) });
  expect(JSON.stringify(await completeChange(db, change, terms))).toBe(JSON.stringify(first));
});

describe('changes that held seats and were not paid for', () => {
  /** A change whose charge takes nothing after a quarter of an hour. */
  async function unpaid(quote: ChangeQuote, reason?: 'not_confirmed'): Promise<void> {
    const change = changeBy(quote);
    const payment = chargeOf(change, await holdChange(db, change, NOW));
    await startChangePayment(db, { ...change, payment }, 'sandbox');
    await recordVoid(db, payment, { actor: SYSTEM, ...(reason && { reason }) });
    await failChange(db, change, 'payment_not_completed');
    await db('changes')
      .where({ id: change.changeId })
      .update({ created_at: new Date(Date.now() - 15 * 60_000) });
  }

  test('are three a day of a booking: nothing more is held, until the first is a day old', async () => {
    const quote = await quoted(back(dear));
    for (let count = 0; count < 3; count += 1) await unpaid(quote, 'not_confirmed');
    const refusal: unknown = await holdChange(db, changeBy(quote), NOW).catch(
      (error: unknown) => error,
    );
    expect(refusal).toMatchObject({ code: 'rate_limited' });
    const { retryAt } = refusal as { retryAt: Date };
    expect((retryAt.getTime() - Date.now()) / 3_600_000).toBeCloseTo(23.75, 1);
    expect(await seatsOf(dear)).toMatchObject({ held: 0 });
    // Nothing is to be paid for this one.
    const free = changeBy(await quoted(back(cheap)));
    expect(await holdChange(db, free, NOW)).toMatchObject({ status: 'pending' });
  });

  test('don’t count where the payment failed on our side', async () => {
    const quote = await quoted(back(dear));
    for (let count = 0; count < 4; count += 1) await unpaid(quote);
    expect(await holdChange(db, changeBy(quote), NOW)).toMatchObject({ status: 'pending' });
  });

  test('don’t count where a card was declined at once', async () => {
    const quote = await quoted(back(dear));
    for (let count = 0; count < 4; count += 1) {
      const change = changeBy(quote);
      const payment = chargeOf(change, await holdChange(db, change, NOW));
      await startChangePayment(db, { ...change, payment }, 'sandbox');
      const { paymentId } = payment;
      await declineChange(db, change, { paymentId, declineCode: 'insufficient_funds' });
    }
    expect(await holdChange(db, changeBy(quote), NOW)).toMatchObject({ status: 'pending' });
  });
});

test('a change that was begun is returned as it stands, however often it is asked for', async () => {
  const change = changeBy(await quoted(back(dear)));
  const standing = await holdChange(db, change, NOW);
  expect(await holdChange(db, change, NOW)).toEqual(standing);
  expect(await seatsOf(dear)).toMatchObject({ held: 1 });
});

test('while a change is being made there is no other, and no cancellation', async () => {
  const [one, other] = [await quoted(back(dear)), await quoted(back(cheap))];
  await holdChange(db, changeBy(one), NOW);
  await expect(holdChange(db, changeBy(other), NOW)).rejects.toMatchObject({
    code: 'change_in_progress',
  });
  await expect(cancelled()).rejects.toMatchObject({ code: 'change_in_progress' });
});

test('two changes at once: one is made, the other is refused', async () => {
  const quotes = [await quoted(back(dear)), await quoted(back(cheap))];
  const outcomes = await Promise.allSettled(
    quotes.map((quote) => holdChange(db, changeBy(quote), NOW)),
  );
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

async function cancelled(asOperator = true) {
  return cancelBookedBooking(db, booking.bookingId, {
    asOperator,
    actor: booking.customerId,
    ourProviders: ['sandbox'],
    requestedAt: new Date(Date.now() + 25 * 60 * 60_000),
  });
}

test('a changed booking that is cancelled goes back from the newest payment on', async () => {
  await made(back(dear));
  const { booking: after, moreRefundsOf } = await cancelled();
  expect(after).toMatchObject({ status: 'cancelled', refund: { amount: 58_000 } });
  expect(moreRefundsOf).toHaveLength(1);
  const parts = await db('refunds')
    .join('payments', 'payments.id', 'refunds.payment_id')
    .where({ booking_id: booking.bookingId })
    .orderBy('payments.captured_at', 'desc')
    .pluck('refunds.amount');
  expect(parts).toEqual([6_500, 51_500]);
  await expectCleanBooks();
});

test('what went back by a change is not given back again', async () => {
  await made(back(cheap));
  const { booking: after } = await cancelled();
  expect(after).toMatchObject({ status: 'cancelled', refund: { amount: 45_000 } });
  await expectCleanBooks();
});

test.each([
  ['is unknown', 'quote_not_found', (quote: ChangeQuote) => ({ ...quote, id: randomUUID() }), 0],
  ['has expired', 'quote_expired', (quote: ChangeQuote) => quote, 15 * 60_000],
])('a quote that %s changes nothing', async (_fault, code, spoiled, afterMs) => {
  const change = changeBy(spoiled(await quoted(back(dear))));
  const requestedAt = new Date(Date.now() + afterMs);
  const held = holdChange(db, change, requestedAt);
  await expect(held).rejects.toMatchObject({ code });
  expect(await seatsOf(dear)).toMatchObject({ held: 0 });
});

test('a quote of a price that no longer holds changes nothing', async () => {
  const [first, second] = [await quoted(back(dear)), await quoted(back(cheap))];
  const change = changeBy(second);
  await holdChange(db, change, NOW);
  await completeChange(db, change, { capture: undefined, ourProviders: ['sandbox'] });
  await expect(holdChange(db, changeBy(first), NOW)).rejects.toMatchObject({
    code: 'quote_expired',
  });
});

test('a flight that was sold out meanwhile is refused, and the booking stays', async () => {
  const quote = await quoted(back(dear));
  const rivals = itineraryRequest([{ flightIds: [dear] }], { passengers: [adult(), adult()] });
  expect(await reserve(db, rivals, terms())).toMatchObject({ outcome: 'held' });
  await expect(holdChange(db, changeBy(quote), NOW)).rejects.toMatchObject({
    code: 'seats_unavailable',
  });
});

test('nobody is changed onto a flight that has been moved past the age that they fly as', async () => {
  const infant = {
    familyName: 'King',
    type: 'infant' as const,
    bornOn: `${String(YEAR - 2)}-03-11`,
  };
  const request = itineraryRequest(trip.slices, { passengers: [adult(), infant] });
  await sell(request, 58_600);
  const [direct = ''] = await putOnSale(db, [
    {
      from: 'GRU',
      to: 'EWR',
      date: WAY_BACK,
      time: '17:00',
      cabins: [{ cabin: 'economy' as const, seats: 2, price: 30_000 }],
    },
  ]);
  const quote = await quoteChange(db, request, [{ replaces: 1, flightIds: [direct] }]);
  await db('flights')
    .where({ id: direct })
    .update({
      departure_at: new Date(`${String(YEAR)}-03-12T17:00Z`),
      arrival_at: new Date(`${String(YEAR)}-03-13T03:00Z`),
    });
  await expect(holdChange(db, changeOf(request, quote), NOW)).rejects.toMatchObject({
    code: 'booking_not_changeable',
    detail: 'Passenger 2: An infant is under 2 on the day of the last flight.',
  });
  expect(await seatsOf(direct)).toMatchObject({ held: 0 });
});

test("another customer's booking can't be changed, nor can a cancelled one", async () => {
  const quote = await quoted(back(dear));
  const stranger = changeBy(quote, { requestedBy: 'a-stranger' });
  await expect(holdChange(db, stranger, NOW)).rejects.toMatchObject({ code: 'booking_not_found' });
  await cancelled();
  await expect(holdChange(db, changeBy(quote), NOW)).rejects.toMatchObject({
    code: 'booking_not_changeable',
  });
});

/** What breaks the books, what mends them, and the invariant that is violated meanwhile. */
const FAULTS: [string, string, (trx: Db) => Promise<unknown>, (trx: Db) => Promise<unknown>][] = [
  [
    'a price without its payment',
    'a booked booking has exactly one applied capture, of its price',
    (trx) => trx('bookings').where(mine()).increment({ price_amount: 100, base_amount: 100 }),
    (trx) => trx('bookings').where(mine()).decrement({ price_amount: 100, base_amount: 100 }),
  ],
  [
    'a change that never was',
    'a booking knows its changes: those completed, and the one that is being made',
    (trx) => trx('bookings').where(mine()).update({ change_count: 2 }),
    (trx) => trx('bookings').where(mine()).update({ change_count: 1 }),
  ],
  [
    'a change that cost more than was paid for it',
    'every completed change is paid for, or given back, to the cent; no other is',
    (trx) => trx('changes').where(ours()).increment({ to_pay_amount: 1, fee_amount: 1 }),
    (trx) => trx('changes').where(ours()).decrement({ to_pay_amount: 1, fee_amount: 1 }),
  ],
];

test.each(FAULTS)(
  '%s is refused at commit, and found by the audit',
  async (_fault, invariant, write, mend) => {
    await made(back(dear));
    await expect(db.transaction(write)).rejects.toMatchObject({ code: '23514' });
    await expectCleanBooks();
    await breakTheBooks(db, write);
    expect((await auditBooks(db)).map((broken) => broken.invariant)).toContain(invariant);
    await breakTheBooks(db, mend);
    await expectCleanBooks();
  },
);

test('a booking that was never sold was never changed', async () => {
  const hold = itineraryRequest(trip.slices.slice(0, 1));
  expect(await reserve(db, hold, terms())).toMatchObject({ outcome: 'held' });
  const count = (trx: Db) =>
    trx('bookings').where({ id: hold.bookingId }).update({ change_count: 1 });
  await expect(db.transaction(count)).rejects.toMatchObject({ code: '23514' });
});

test('nothing pays for a change before it is completed', async () => {
  const change = changeBy(await quoted(back(dear)));
  await beginChange(db, change);
  const pay = (trx: Db) =>
    trx('payments').where({ change_id: change.changeId }).update({
      status: 'captured',
      applied: true,
      captured_at: NOW,
      provider_payment_id: 'spi_of_the_change',
    });
  await expect(db.transaction(pay)).rejects.toMatchObject({ code: '23514' });
});

test('what goes back for a change is exactly what it owes', async () => {
  const { change } = await made(back(cheap));
  const refund = (trx: Db) => trx('refunds').where({ change_id: change.changeId });
  for (const cents of [1, -1])
    await expect(
      db.transaction((trx) => refund(trx).increment('amount', cents)),
    ).rejects.toMatchObject({ code: '23514' });
  await expectCleanBooks();
});

test('a change that is being made can not lose its seats', async () => {
  await holdChange(db, changeBy(await quoted(back(dear))), NOW);
  const free = { state: 'free', booking_id: null };
  const held = { flight_id: dear, state: 'held' };
  const lose = (trx: Db) => trx('seats').where(held).update(free);
  await expect(db.transaction(lose)).rejects.toMatchObject({ code: '23514' });
  const forget = (trx: Db) => trx('bookings').where(mine()).update({ pending_change_id: null });
  await expect(db.transaction(forget)).rejects.toMatchObject({ code: '23514' });
});

const mine = () => ({ id: booking.bookingId });
const ours = () => ({ booking_id: booking.bookingId });
