import { randomUUID } from 'node:crypto';
import { reverseCharge } from '../../src/activities/reversal';
import { auditBooks } from '../../src/db/audit/auditor';
import { readKnownBooking } from '../../src/db/bookings/booking-view';
import { readSale } from '../../src/db/bookings/cancellation-view';
import { readChange } from '../../src/db/changes/change-view';
import { holdChange } from '../../src/db/changes/hold-change';
import { priceQuote } from '../../src/db/changes/quote-view';
import { storeQuote } from '../../src/db/changes/quotes';
import { createPaymentProviders } from '../../src/payments/providers';
import {
  changeBooking,
  changeUpdateId,
  type BookingChange,
} from '../../src/temporal/contracts/change';
import { createBookingWorkflows } from '../../src/temporal/clients/bookings';
import { Refused } from '../../src/temporal/clients/refused';
import { paymentUpdated } from '../../src/temporal/contracts/booking';
import { beginChange } from '../db/making-changes';
import { seatsByState, type FlightOnSale } from '../support/flights';
import { NEXT_ACTION } from '../support/provider';
import { beginRival } from '../support/rival';
import { refusalOf, stateOf, untilSeen, type Sale } from '../support/shop';
import { timeSkippingEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

/** A booking of one flight is changed to another one of the same price: the fee is 25 dollars. */

const shop = shopOfSuite(timeSkippingEnvironment);

const FEE = { amount: 2_500, currency: 'USD' };

let sale: Sale;
let other: FlightOnSale;

beforeEach(async () => {
  sale = await shop.sell();
  other = await shop.flight();
});

afterEach(async () => {
  shop.provider.repair();
  shop.provider.setBank('lets_through');
  expect(await auditBooks(shop.db)).toEqual([]);
});

async function quotedChange(): Promise<BookingChange> {
  const { bookingId, customerId } = sale.request;
  const at = new Date(await shop.env.currentTimeMs());
  const exchanges = [{ replaces: 0, flightIds: [other.id] }];
  const wanted = { quoteId: randomUUID(), bookingId, exchanges };
  const quoted = await priceQuote(shop.db, wanted, at);
  if (quoted.outcome !== 'quoted') throw new Error(JSON.stringify(quoted));
  await storeQuote(shop.db, { ...quoted, quotedAt: at });
  return {
    changeId: randomUUID(),
    bookingId,
    quoteId: wanted.quoteId,
    requestedBy: customerId,
    asOperator: false,
    paymentMethod: 'pm_card_visa',
    idempotencyKey: `key-${randomUUID()}`,
    fingerprint: 'fingerprint-of-the-change',
  };
}

function ask({ bookingId: _, ...change }: BookingChange) {
  return sale.handle.executeUpdate(changeBooking, {
    args: [change],
    updateId: changeUpdateId(change.changeId),
  });
}

const statusOf = async ({ bookingId, changeId }: BookingChange) =>
  (await readChange(shop.db, bookingId, changeId))?.status;

/** Waits until the booking has the flight and no other. */
async function expectChanged(): Promise<void> {
  await untilSeen(async () => (await sale.row())?.change_count === 1 || undefined);
  expect(await seatsByState(shop.db, other.id)).toEqual({ free: 5, held: 0, sold: 1 });
  expect(await sale.seats()).toEqual({ free: 6, held: 0, sold: 0 });
}

async function expectAsBefore(): Promise<void> {
  expect(await seatsByState(shop.db, other.id)).toEqual({ free: 6, held: 0, sold: 0 });
  expect(await sale.seats()).toEqual({ free: 5, held: 0, sold: 1 });
}

test('the new seat is sold, the old one is free, and the fee is taken', async () => {
  const change = await quotedChange();
  const changed = await ask(change);
  expect(changed).toMatchObject({
    outcome: 'completed',
    change: { payment: { status: 'captured', ...FEE }, booking: { flight: { id: other.id } } },
  });
  expect(await ask(change)).toEqual(changed);
  await expectChanged();
  expect(await sale.state()).toMatchObject({ status: 'booked', activity: 'awaiting_departure' });
});

test('the workflow stays open until the flight leaves that it has now', async () => {
  other = await shop.flight({ departsInMinutes: 60 * 24 * 60 });
  await ask(await quotedChange());
  expect(await sale.outcome()).toMatchObject({ status: 'booked' });
  expect(await shop.env.currentTimeMs()).toBeGreaterThanOrEqual(other.departureAt.getTime());
});

test('a declined card ends the change, and nothing of it is left', async () => {
  const change = { ...(await quotedChange()), paymentMethod: 'pm_card_chargeDeclined' };
  expect(await ask(change)).toMatchObject({ outcome: 'declined' });
  expect(await statusOf(change)).toBe('failed');
  await expectAsBefore();
});

test('while a change is made there is no other one, and no cancellation', async () => {
  const authorization = shop.provider.pause('authorize');
  const first = ask(await quotedChange());
  await authorization.reached;
  await stateOf(sale, ({ activity }) => activity === 'changing');
  expect(await refusalOf(ask({ ...(await pendingChange()), changeId: randomUUID() }))).toBe(
    'change_in_progress',
  );
  expect(await refusalOf(sale.cancel())).toBe('change_in_progress');
  authorization.letIn();
  expect(await first).toMatchObject({ outcome: 'completed' });
});

/** A change that was asked for with the quote of the one that is made. */
async function pendingChange(): Promise<BookingChange> {
  const row = await shop.db('changes').where({ status: 'pending' }).first();
  const { bookingId, customerId } = sale.request;
  return {
    changeId: randomUUID(),
    bookingId,
    quoteId: row?.quote_id ?? '',
    requestedBy: customerId,
    asOperator: false,
    paymentMethod: 'pm_card_visa',
    idempotencyKey: `key-${randomUUID()}`,
    fingerprint: 'another-fingerprint',
  };
}

test('a bank that asks its customer first: the seats are held until they have confirmed', async () => {
  shop.provider.setBank('asks_the_customer');
  const change = await quotedChange();
  expect(await ask(change)).toMatchObject({ outcome: 'action_required', nextAction: NEXT_ACTION });
  expect(await seatsByState(shop.db, other.id)).toMatchObject({ held: 1 });
  shop.provider.setBank('lets_through');
  await sale.handle.signal(paymentUpdated);
  await expectChanged();
  expect(await statusOf(change)).toBe('completed');
});

test('who never confirms with their bank pays nothing, and keeps what they have', async () => {
  shop.provider.setBank('asks_the_customer');
  const change = await quotedChange();
  await ask(change);
  await shop.env.sleep('16m');
  await untilSeen(async () => (await statusOf(change)) === 'failed' || undefined);
  await expectAsBefore();
  expect(await sale.payments()).toMatchObject([{ status: 'captured' }, { status: 'voided' }]);
});

test('a provider whose answers are lost takes the money once', async () => {
  shop.provider.lose('answers', 'authorize', 'capture');
  const changed = ask(await quotedChange());
  await untilSeen(async () => (await sale.payments())[1]);
  shop.provider.repair();
  expect(await changed).toMatchObject({ outcome: 'completed' });
  await expectChanged();
});

test('a sold booking whose workflow was terminated is restored by the change that comes for it', async () => {
  const change = await quotedChange();
  await sale.handle.terminate();
  expect(await askAsTheApi(change)).toMatchObject(COMPLETED);
  await expectChanged();
});

const COMPLETED = { kind: 'completed', result: { outcome: 'completed' } };

/** Asks for a change, and has the booking's workflow started again if none is running. */
async function askAsTheApi({ bookingId, ...change }: BookingChange) {
  const known = await readSale(shop.db, bookingId);
  if (known === undefined) throw new Error('the booking is not sold');
  const booking = await readKnownBooking(shop.db, bookingId);
  const bookings = createBookingWorkflows(shop.env.client, 'bookings');
  return bookings.change({ booking, sale: known }, change);
}

describe('a change that a lost run left unfinished, and that is asked for again,', () => {
  /** Begins a change in the database, and charges for it, as a run does that is lost then. */
  async function leftUnfinished({ isPaid }: { isPaid: boolean }) {
    const change = await quotedChange();
    const requestedAt = new Date(await shop.env.currentTimeMs());
    await sale.handle.terminate();
    if (!isPaid) {
      await holdChange(shop.db, change, requestedAt);
      return { change, charge: undefined };
    }
    const { charge } = await beginChange(shop.db, change, requestedAt);
    if (charge === undefined) throw new Error('the change costs nothing');
    const { gateway } = shop.provider;
    const reserved = await gateway.authorize({ ...charge, money: FEE, startedAt: requestedAt });
    if (reserved.status !== 'authorized') throw new Error(reserved.status);
    await gateway.capture(reserved.providerPaymentId);
    return { change, charge };
  }

  test.each([
    ['before it was charged', false],
    ['after its money was taken', true],
  ])('is carried on, and paid once: %s', async (_when, isPaid) => {
    const { change } = await leftUnfinished({ isPaid });
    expect(await askAsTheApi(change)).toMatchObject(COMPLETED);
    await expectChanged();
    expect(await sale.payments()).toMatchObject([
      { status: 'captured', applied: true },
      { status: 'captured', applied: true },
    ]);
    expect(await sale.refunds()).toEqual([]);
  });

  test('is undone once its time to pay has passed: what was taken goes back', async () => {
    const { change } = await leftUnfinished({ isPaid: true });
    await shop.env.sleep('16m');
    expect(await refusedCodeOf(askAsTheApi(change))).toBe('booking_not_changeable');
    await expectAsBefore();
    const isBack = ({ status }: { status: string }) => status === 'succeeded';
    await untilSeen(async () => (await sale.refunds()).some(isBack) || undefined);
  });

  test('is undone where its money goes back already', async () => {
    const { change, charge } = await leftUnfinished({ isPaid: true });
    if (charge === undefined) throw new Error('the change is not charged');
    const deps = { db: shop.db, providers: createPaymentProviders(shop.provider.gateway) };
    expect(await reverseCharge(deps, charge, 'change_failed')).toBe('owed_back');
    expect(await refusedCodeOf(askAsTheApi(change))).toBe('booking_not_changeable');
    await expectAsBefore();
    expect(await sale.refunds()).toMatchObject([{ status: 'pending', ...FEE }]);
  });

  test('is undone where its key comes with another request', async () => {
    const { change } = await leftUnfinished({ isPaid: false });
    const other = { ...change, fingerprint: 'of-another-request' };
    expect(await refusedCodeOf(askAsTheApi(other))).toBe('idempotency_key_reused');
    await expectAsBefore();
    expect(await statusOf(change)).toBe('failed');
  });

  const refusedCodeOf = (asked: Promise<unknown>) =>
    asked.then(
      () => 'not refused',
      (error: unknown) => (error instanceof Refused ? error.code : String(error)),
    );
});

test('a change that comes while the booking is being cancelled is refused, and the workflow ends', async () => {
  const change = await quotedChange();
  const lock = await beginRival(shop.db);
  await lock('bookings').where({ id: change.bookingId }).forUpdate();
  const cancelled = shop.cancelSale(sale);
  await stateOf(sale, ({ activity }) => activity === 'cancelling');
  const refused = refusalOf(ask(change));
  await lock.rollback();
  await cancelled;
  expect(await refused).toBe('booking_not_changeable');
  expect(await sale.outcome()).toMatchObject({ status: 'cancelled' });
});

test('a change that a lost run left unfinished is undone once the booking is restored', async () => {
  const change = await quotedChange();
  const requestedAt = new Date(await shop.env.currentTimeMs());
  await sale.handle.terminate();
  await holdChange(shop.db, change, requestedAt);
  await shop.restore(sale);
  await untilSeen(async () => (await statusOf(change)) === 'failed' || undefined);
  await expectAsBefore();
});
