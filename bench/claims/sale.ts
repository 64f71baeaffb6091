import { randomUUID } from 'node:crypto';
import type { Db } from '../../src/db/connection';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { startPayment } from '../../src/db/payments/card-payments';
import { claimOf, reserveSeat } from './request';

/** Flights with economy seats on which sales don't close within hours. */
export const ON_SALE = `
  SELECT flight_id AS id FROM flight_cabins JOIN flights f ON f.id = flight_id
  WHERE cabin = 'economy' AND departure_at > now() + interval '6 hours'`;

/** What a booking and its payment do in the database, by the statements that processes use. */
export async function sellSeat(db: Db, flightIds: readonly string[]): Promise<void> {
  const flightId = flightIds[Math.floor(Math.random() * flightIds.length)] ?? '';
  const request = claimOf(flightId);
  const { bookingId, customerId } = request;
  const { amount, currency } = (await reserveSeat(db, request)).price;
  const payment = {
    ...{ bookingId, customerId, paymentId: randomUUID(), amount, currency },
    ...{ idempotencyKey: randomUUID(), fingerprint: 'bench', paymentMethod: 'pm_card_visa' },
  };
  // No provider has taken this money: none whose records are compared with ours is named.
  await startPayment(db, payment, 'bench');
  await confirmWithCardPayment(db, payment, `bench_${payment.paymentId}`);
}
