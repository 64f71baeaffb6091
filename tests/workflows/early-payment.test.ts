import { setTimeout as wait } from 'node:timers/promises';
import { customerLock } from '../../src/db/bookings/customer-limits';
import { runTogether } from '../../src/db/statement';
import { createBookingWorkflows } from '../../src/temporal/clients/bookings';
import type { CardPayment } from '../../src/temporal/contracts/booking';
import { paymentFor, requestOf } from '../support/flights';
import { expectReplayable } from '../support/replay';
import { refusalOf, type Sale } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

/**
 * The database may say that seats are held before their workflow knows it: the worker that held
 * them died before it could report it. Their customer was told, and pays.
 */

const shop = shopOfSuite(devServerEnvironment);

/**
 * Half of longer than four fifths of a workflow task's time: then the worker asks for another one.
 * PostgreSQL lets no statement, and no pause between two, take five seconds.
 */
const HALF_SECONDS = 1.75;

/** Starts a booking whose reservation goes on while others do their work. */
async function whileReserving(work: (sale: Sale) => void | Promise<void>): Promise<Sale> {
  const request = requestOf(await shop.flight());
  return shop.db.transaction(async (rival) => {
    await runTogether(rival, [customerLock(request.customerId)]);
    const sale = await shop.start(request);
    await shop.untilSomeoneWaits();
    await work(sale);
    for (const _half of [1, 2]) await rival.raw('SELECT pg_sleep(?)', [HALF_SECONDS]);
    expect(await sale.seats()).toMatchObject({ held: 0 });
    return sale;
  });
}

test('a payment that comes before the workflow knows of its seats waits, and pays for them', async () => {
  let paid: ReturnType<Sale['pay']> | undefined;
  const sale = await whileReserving((reserving) => {
    paid = reserving.pay();
  });
  expect(await paid).toMatchObject({ outcome: 'captured' });
  expect(await sale.settled()).toMatchObject({ status: 'booked' });
  await expectReplayable(sale.handle.workflowId, await sale.handle.fetchHistory());
});

test('one that does not fit is refused then, and the booking stays open', async () => {
  let refused: Promise<unknown> | undefined;
  const sale = await whileReserving((reserving) => {
    refused = refusalOf(reserving.pay({ amount: 1 }));
  });
  expect(await refused).toBe('amount_mismatch');
  expect(await sale.state()).toMatchObject({ status: 'pending', activity: 'awaiting_payment' });
  expect(await sale.pay()).toMatchObject({ outcome: 'captured' });
  await sale.settled();
  await expectReplayable(sale.handle.workflowId, await sale.handle.fetchHistory());
});

test('of two that come early one pays', async () => {
  let both: Promise<unknown[]> | undefined;
  const sale = await whileReserving((reserving) => {
    const results = [reserving.pay(), reserving.pay()].map((paying) =>
      paying.then(
        ({ outcome }) => outcome,
        (failure: unknown) => refusalOf(Promise.reject(failure as Error)),
      ),
    );
    both = Promise.all(results);
  });
  expect((await both)?.sort()).toEqual(['captured', 'payment_in_progress']);
  await sale.settled();
  await expectReplayable(sale.handle.workflowId, await sale.handle.fetchHistory());
});

test('the other one pays, sent again with the same key, when the first was declined', async () => {
  const workflows = createBookingWorkflows(shop.env.client, 'bookings');
  let first: Promise<unknown> | undefined;
  let again: () => Promise<unknown> = () => Promise.resolve();
  await whileReserving(async ({ request }) => {
    const payer = (details: Partial<CardPayment> = {}) => {
      const { bookingId, ...payment } = paymentFor(request, details);
      return () => workflows.pay(bookingId, payment);
    };
    first = payer({ paymentMethod: 'pm_card_chargeDeclined' })();
    await wait(100);
    again = payer();
    again().catch(() => undefined);
  });
  expect(await first).toMatchObject({ result: { outcome: 'declined' } });
  expect(await again()).toMatchObject({ result: { outcome: 'captured' } });
});

test.each(['before', 'after'])(
  'a customer who cancels %s it is not charged: nothing has been paid yet',
  async (when) => {
    let refused: Promise<unknown> | undefined;
    let cancelled: ReturnType<Sale['cancel']> | undefined;
    const sale = await whileReserving(async (reserving) => {
      const pay = () => (refused = refusalOf(reserving.pay()));
      const cancel = () => (cancelled = reserving.cancel());
      const messages = when === 'before' ? [cancel, pay] : [pay, cancel];
      for (const send of messages) {
        void send();
        await wait(100);
      }
    });
    expect(await refused).toBe('booking_not_payable');
    expect(await cancelled).toMatchObject({ status: 'cancelled' });
    expect(await sale.payments()).toEqual([]);
    await sale.settled();
    await expectReplayable(sale.handle.workflowId, await sale.handle.fetchHistory());
  },
);
