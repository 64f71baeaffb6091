import { randomUUID } from 'node:crypto';
import { cancelBookedBooking } from '../../src/db/bookings/cancel-booked';
import { appendEvent } from '../../src/db/bookings/events';
import { reserve } from '../../src/db/bookings/reservations';
import type { Db } from '../../src/db/connection';
import { turnMailOn } from '../../src/db/mails/switch';
import { takeOutgoingEvents } from '../../src/db/outgoing-events/take';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { recordDecline, startPayment } from '../../src/db/payments/card-payments';
import { recordRefund } from '../../src/db/refunds/refunds';
import { SYSTEM, type BookingEventType } from '../../src/domain/booking-event';
import type { BookingRequest } from '../../src/temporal/contracts/booking';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { paymentFor, putFlightOnSale } from '../support/flights';
import { beginRival, isHeldUp } from '../support/rival';
import { hold, terms } from './inventory';

/** What shops and contacts hear of is recorded with its cause: all of it, and nothing else. */

const INSUFFICIENT_PRIVILEGE = '42501';

let database: TestDatabase;
let db: Db;
let worker: Db;
let flight: { id: string };

beforeAll(async () => {
  database = await createTestDatabase();
  db = database.knex;
  worker = database.as('worker');
  flight = await putFlightOnSale(db, { seats: 120 });
  await turnMailOn(worker);
});
afterAll(() => database.drop());

/** A customer with one webhook endpoint. */
async function shop(status: 'enabled' | 'disabled' = 'enabled'): Promise<string> {
  const owner = `shop-${randomUUID()}`;
  await db('webhook_endpoints').insert({
    id: randomUUID(),
    owner_id: owner,
    url: 'https://shop.example/hooks',
    status,
    disabled_because: status === 'disabled' ? 'owner_request' : null,
    secret: 'encrypted',
  });
  return owner;
}

async function holdFor(details: Partial<BookingRequest>): Promise<BookingRequest> {
  return hold(worker, flight, details);
}

async function outgoingOf(bookingId: string): Promise<[sequence: number, type: string][]> {
  const rows = await db('outgoing_events').where({ booking_id: bookingId }).orderBy('sequence');
  return rows.map(({ sequence, type }) => [sequence, type]);
}

const append = (trx: Db, bookingId: string, type: BookingEventType) =>
  appendEvent(trx, { bookingId, type, actor: SYSTEM });

describe('a shop with a webhook endpoint', () => {
  test('hears of every step of a booking, counted without gaps', async () => {
    const customerId = await shop();
    const request = await holdFor({ customerId });
    const { bookingId } = request;
    const declined = paymentFor(request);
    await startPayment(worker, declined, 'sandbox');
    await recordDecline(worker, declined, 'card_declined');
    const payment = paymentFor(request);
    await startPayment(worker, payment, 'sandbox');
    await confirmWithCardPayment(worker, payment, 'spi_1');
    await cancelBookedBooking(worker, bookingId, {
      asOperator: false,
      actor: customerId,
      requestedAt: new Date(),
      ourProviders: ['sandbox'],
    });
    await recordRefund(worker, payment.paymentId, 'sre_1');

    expect(await outgoingOf(bookingId)).toEqual([
      [1, 'booking.pending'],
      [2, 'payment.declined'],
      [3, 'booking.booked'],
      [4, 'booking.cancelled'],
      [5, 'refund.succeeded'],
    ]);
  });

  test('hears of a booking that got no seats', async () => {
    const full = await putFlightOnSale(db, { seats: 1 });
    await hold(worker, full);
    const customerId = await shop();
    const bookingId = randomUUID();
    const request = { ...(await holdFor({})), bookingId, customerId, flightId: full.id };
    const { outcome } = await reserve(worker, { ...request, idempotencyKey: null }, terms());
    expect(outcome).toBe('refused');
    expect(await outgoingOf(bookingId)).toEqual([[1, 'booking.cancelled']]);
  });

  test.each<[BookingEventType, string]>([
    ['changed', 'booking.changed'],
    ['schedule_changed', 'booking.schedule_changed'],
    ['payment_disputed', 'payment.disputed'],
  ])('hears of %s as %s', async (type, outgoing) => {
    const { bookingId } = await holdFor({ customerId: await shop() });
    await append(worker, bookingId, type);
    expect(await outgoingOf(bookingId)).toEqual([
      [1, 'booking.pending'],
      [2, outgoing],
    ]);
  });

  test('hears nothing of what was rolled back, and the count has no gap for it', async () => {
    const { bookingId } = await holdFor({ customerId: await shop() });
    const failing = worker.transaction(async (trx) => {
      await append(trx, bookingId, 'payment_declined');
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    await append(worker, bookingId, 'booked');
    expect(await outgoingOf(bookingId)).toEqual([
      [1, 'booking.pending'],
      [2, 'booking.booked'],
    ]);
  });

  test('gets one count from transactions at once, of which some are rolled back', async () => {
    const { bookingId } = await holdFor({ customerId: await shop() });
    const attempts = Array.from({ length: 24 }, (_, index) =>
      worker
        .transaction(async (trx) => {
          await append(trx, bookingId, 'refunded');
          if (index % 3 === 0) throw new Error('rolled back');
        })
        .catch(() => undefined),
    );
    await Promise.all(attempts);
    const sequences = (await outgoingOf(bookingId)).map(([sequence]) => sequence);
    expect(sequences).toEqual(Array.from({ length: 17 }, (_, index) => index + 1));
  });
});

describe('nothing is recorded', () => {
  test('of a booking whose owner has no endpoint and which has no contact', async () => {
    await shop();
    const { bookingId } = await holdFor({});
    expect(await outgoingOf(bookingId)).toEqual([]);
  });

  test('for an endpoint that is disabled', async () => {
    const { bookingId } = await holdFor({ customerId: await shop('disabled') });
    expect(await outgoingOf(bookingId)).toEqual([]);
  });

  test('of what concerns only staff', async () => {
    const { bookingId } = await holdFor({ customerId: await shop() });
    await append(worker, bookingId, 'refund_needs_operator');
    expect(await outgoingOf(bookingId)).toEqual([[1, 'booking.pending']]);
  });

  test('by a process itself: only with an event of the booking', async () => {
    const { bookingId } = await holdFor({ customerId: await shop() });
    const forged = worker.raw(
      `INSERT INTO outgoing_events
         (booking_id, sequence, booking_event_id, type, occurred_at, webhooks_due, mail_due)
       SELECT booking_id, 2, id, 'booking.booked', now(), true, true
       FROM booking_events WHERE booking_id = ?`,
      [bookingId],
    );
    await expect(forged).rejects.toMatchObject({ code: INSUFFICIENT_PRIVILEGE });
  });
});

describe('each consumer', () => {
  async function drain(consumer: 'webhooks' | 'mail'): Promise<void> {
    await takeOutgoingEvents(worker, consumer, 10_000);
  }

  test('takes what concerns it, once: the contact no declined payment, the shop everything', async () => {
    await drain('webhooks');
    await drain('mail');
    const contact = await holdFor({ contactEmail: 'ada@example.com' });
    const both = await holdFor({ contactEmail: 'ada@example.com', customerId: await shop() });
    await append(worker, both.bookingId, 'payment_declined');
    const typesOf = async (consumer: 'webhooks' | 'mail') =>
      (await takeOutgoingEvents(worker, consumer, 100)).map(({ bookingId, type, sequence }) => [
        bookingId,
        type,
        sequence,
      ]);

    expect(await typesOf('mail')).toEqual([
      [contact.bookingId, 'booking.pending', 1],
      [both.bookingId, 'booking.pending', 1],
    ]);
    expect(await typesOf('webhooks')).toEqual([
      [both.bookingId, 'booking.pending', 1],
      [both.bookingId, 'payment.declined', 2],
    ]);
    expect(await typesOf('webhooks')).toEqual([]);
  });

  test('is given again what it took in a transaction that was rolled back', async () => {
    await drain('webhooks');
    await holdFor({ customerId: await shop() });
    const failing = worker.transaction(async (trx) => {
      expect(await takeOutgoingEvents(trx, 'webhooks', 10)).toHaveLength(1);
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await takeOutgoingEvents(worker, 'webhooks', 10)).toHaveLength(1);
  });

  test('may take with several hands: each event goes to one of them, and none waits', async () => {
    await drain('webhooks');
    const customerId = await shop();
    for (let count = 0; count < 6; count += 1) await holdFor({ customerId });
    const first = await beginRival(worker);
    const byFirst = await takeOutgoingEvents(first, 'webhooks', 2);
    const taking = takeOutgoingEvents(worker, 'webhooks', 10);
    const hasWaited = await isHeldUp(db, taking);
    await first.commit();
    const ids = [...byFirst, ...(await taking)].map(({ id }) => id);
    expect(ids).toHaveLength(6);
    expect(new Set(ids).size).toBe(6);
    expect(hasWaited).toBe(false);
  });
});
