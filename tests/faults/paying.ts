import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Booking } from '../../src/domain/booking';
import { paymentReceived } from '../../src/temporal/contracts/booking';
import { PAYMENT_EVENTS, signed } from '../api/signed-events';
import { recordedResponse } from './history/write';
import { between, oneOf } from './plan';
import { cardOf, readBooking, think, type Shopper } from './shopper';

/** By cards, up to three of them; returns whether it was paid. */
export async function payByCard(shopper: Shopper, booking: Booking): Promise<boolean> {
  const { random, client } = shopper;
  for (let tries = 0; tries < 3; tries += 1) {
    const asked = {
      ...({ kind: 'pay', method: 'POST', path: '/api/v1/bookings/payments' } as const),
      key: `pay-${randomUUID()}`,
      body: {
        bookingId: booking.id,
        amount: booking.price.amount,
        currency: booking.price.currency,
        paymentMethod: cardOf(shopper),
      },
    };
    const reply = await client.insist(asked);
    if (random() < 0.15) await client.send(asked);
    if (reply?.status === 201) return true;
    if (reply?.status !== 402) return false;
    await think(shopper);
  }
  return false;
}

/**
 * Another service is paid for the booking, and says so. Some have heard of another amount, and some
 * say that it was our own provider, which knows of no such payment. Returns whether the booking was
 * booked by it.
 */
export async function payExternally(shopper: Shopper, booking: Booking): Promise<boolean> {
  if (shopper.random() < 0.1) {
    await report(shopper, booking, 'sandbox');
    return false;
  }
  await report(shopper, booking, 'bank');
  return untilBooked(shopper, booking);
}

/** Reports a payment, more than once: by event or by signal. */
async function report(shopper: Shopper, booking: Booking, provider: string): Promise<void> {
  const { random, client, market } = shopper;
  const { amount, currency } = booking.price;
  const payment = {
    amount: random() < 0.1 ? amount - 1 : amount,
    currency,
    provider,
    providerPaymentId: `transfer-${randomUUID()}`,
  };
  const body = { type: 'payment.captured', data: { bookingId: booking.id, ...payment } };
  const post = () =>
    client.insist({
      ...({ kind: 'pay_external', method: 'POST', path: PAYMENT_EVENTS, body } as const),
      headers: signed(body, { secret: market.paymentEventsSecret }).headers,
    });
  const signal = () =>
    client.record(
      { kind: 'pay_external', method: 'SIGNAL', path: booking.workflowId, body: payment },
      async () => {
        const workflow = market.temporal.workflow.getHandle(booking.workflowId);
        await workflow.signal(paymentReceived, payment);
        return recordedResponse(202, {}, Buffer.alloc(0));
      },
    );
  await Promise.all(oneOf(random, [[post()], [post(), post()], [signal(), post()]]));
}

/** Asks now and then; an event has its effect after it was accepted. */
async function untilBooked(shopper: Shopper, booking: Booking): Promise<boolean> {
  for (let tries = 0; tries < 10; tries += 1) {
    const now = await readBooking(shopper, booking);
    if (now?.body.status === 'booked') return true;
    if (now?.body.status === 'cancelled') return false;
    await sleep(1_000);
  }
  return false;
}

/** When late payers pay: so long after the deadline, in milliseconds. */
const LATE_MS = [-1_500, 4_000] as const;

/** Waits for about the deadline, or longer, and pays then. */
export async function payLate(shopper: Shopper, booking: Booking): Promise<void> {
  const { paymentRequiredBy } = booking;
  if (paymentRequiredBy === null) return;
  const at = Date.parse(paymentRequiredBy) + between(shopper.random, LATE_MS);
  await sleep(Math.max(0, at - Date.now()));
  await (shopper.random() < 0.5 ? payByCard(shopper, booking) : report(shopper, booking, 'bank'));
}
