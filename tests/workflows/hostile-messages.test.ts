import { changeBy } from '../db/making-changes';
import { paymentFor } from '../support/flights';
import { hostileMessages, QUERIES_OF_THE_SDK, type Contents } from '../support/hostile-messages';
import { openShop, STARTING_MS, transfer, type Sale, type Shop } from '../support/shop';
import { devServerEnvironment, timeSkippingEnvironment } from '../support/temporal';

/** Whatever bytes anyone sends to a booking under whatever name, its customer never notices. */

/** What each message would be, were it sent as it should: it would take effect. */
function contentsFor({ request }: Sale): Contents {
  const { bookingId, ...payment } = paymentFor(request);
  const by = { requestedBy: request.customerId, asOperator: false, fingerprint: 'fingerprint' };
  return {
    awaitReservation: null,
    makePayment: payment,
    cancelBooking: { requestedBy: request.customerId, asOperator: false },
    retryPayment: { requestedBy: 'operator-1', note: 'Now.' },
    paymentReceived: transfer(),
    paymentUpdated: null,
    changeBooking: changeBy(request, { id: bookingId }),
    beginAnew: null,
    correctName: { ...by, passengerId: bookingId, givenName: 'Ada' },
    chooseSeats: {
      ...by,
      seats: [{ passengerId: bookingId, flightId: bookingId, seatNumber: '1A' }],
    },
    scheduleChanged: { scheduleChangeId: bookingId },
    acceptScheduleChange: { requestedBy: request.customerId, asOperator: false },
    bookingState: null,
    ...QUERIES_OF_THE_SDK,
  };
}

const hostileTo = (shop: Shop, sale: Sale) =>
  hostileMessages(shop.env, sale.handle.workflowId, contentsFor(sale));

async function expectUntouched(sale: Sale): Promise<void> {
  expect(await sale.state()).toMatchObject({
    status: 'pending',
    activity: 'awaiting_payment',
    externalPayments: [],
  });
}

/** A booking that has had every bad signal, many at once. */
async function bombarded(shop: Shop): Promise<Sale> {
  const sale = await shop.hold();
  expect(await hostileTo(shop, sale).signals()).toEqual(
    expect.arrayContaining(['paymentReceived', 'paymentUpdated']),
  );
  await expectUntouched(sale);
  await hostileTo(shop, sale).expectNoFailedTask();
  return sale;
}

describe('to a booking that waits for its payment,', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop(devServerEnvironment, { maxOpenHoldsPerCustomer: 100 });
  }, STARTING_MS);

  afterAll(() => shop.close());

  test('an update that can’t be read is rejected, says why, and leaves no trace', async () => {
    const sale = await shop.hold();
    const hostile = hostileTo(shop, sale);
    expect(await hostile.updates()).toEqual(expect.arrayContaining(['makePayment']));
    await expectUntouched(sale);
    await hostile.expectNoFailedTask();
  });

  test('a question is answered whatever is asked along with it', async () => {
    const sale = await shop.hold();
    const hostile = hostileTo(shop, sale);
    expect(await hostile.queries()).toEqual(expect.arrayContaining(['bookingState']));
    await hostile.expectNoFailedTask();
  });

  test('no signal that can’t be read keeps it from being paid', async () => {
    const sale = await bombarded(shop);
    expect(await sale.pay()).toMatchObject({ outcome: 'captured' });
    expect(await sale.settled()).toMatchObject({ status: 'booked' });
    await hostileTo(shop, sale).expectNoFailedTask();
  });

  test('a signal of a reserved name that comes alone stops nothing', async () => {
    const sale = await shop.hold();
    await sale.handle.signal('__temporal_reserved');
    expect(await sale.pay()).toMatchObject({ outcome: 'captured' });
    await hostileTo(shop, sale).expectNoFailedTask();
  });

  test('the one good message among the bad ones takes effect: the booking can be paid externally', async () => {
    const sale = await bombarded(shop);
    await sale.payExternally();
    expect(await sale.settled()).toMatchObject({ status: 'booked' });
  });

  test('no signal that can’t be read keeps it from being cancelled', async () => {
    const sale = await bombarded(shop);
    expect(await sale.cancel()).toMatchObject({ status: 'cancelled' });
    expect(await sale.seats()).toEqual({ free: 6, held: 0, sold: 0 });
  });
});

describe('when its deadline comes,', () => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await openShop(timeSkippingEnvironment);
  }, STARTING_MS);

  afterAll(() => shop.close());

  test('a booking that was sent every signal that can’t be read expires, and its seats are free', async () => {
    const sale = await bombarded(shop);
    expect(await sale.outcome()).toMatchObject({ cancellationReason: 'payment_expired' });
    expect(await sale.seats()).toEqual({ free: 6, held: 0, sold: 0 });
    await hostileTo(shop, sale).expectNoFailedTask();
  });
});
