import { runCommand } from '../../scripts/stack/commands';
import { waitUntil } from '../../src/cli/wait';
import type { Booking } from '../../src/domain/booking';
import type { Change, ChangeQuote } from '../../src/domain/changes/change';
import { newKey } from '../api/client';
import type { CrashShop } from '../reliability/crash-shop';
import { moneyAtProvider } from '../reliability/exactness';
import { persist, tokenFor, type Shopper } from '../reliability/shopper';
import { adult, type FlightOnSale } from '../support/flights';
import { PATIENCE_MS } from '../support/patience';

/** What an earlier build has answered: its fields are not those of today's openapi.json. */
export interface Answered {
  status: number;
  text: string;
}

/** Someone whose requests go to whatever build serves, each with the same key every time. */
export interface Visitor extends Shopper {
  /** Sends a request once, whatever the answer is. */
  ask(path: string, body: unknown, key?: string): Promise<Answered>;
  createOnce(): Promise<Answered>;
}

/** A visitor who has a booking, and the answers that the earlier build has given them. */
export interface Customer extends Visitor {
  booking: Booking;
  answers: { created: Answered; paid?: Answered };
  payOnce(paymentMethod?: string): Promise<Answered>;
}

export const DECLINED_CARD = 'pm_card_chargeDeclined';

/** Someone whom nobody has seen before. */
export async function visit(shop: CrashShop, flight: FlightOnSale): Promise<Visitor> {
  const shopper = await shop.shopperOf(flight);
  const token = await tokenFor(shop.stack, shopper.customerId);
  const ask = async (path: string, body: unknown, key = newKey()) => {
    const response = await fetch(`${shop.stack.url}/api/v1/bookings${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'x-idempotency-key': key,
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  };
  const order = { flightId: flight.id, passengers: [adult()] };
  return { ...shopper, ask, createOnce: () => ask('', order, shopper.bookingKey) };
}

/** A customer whose seat is held. */
export async function hold(shop: CrashShop, flight: FlightOnSale): Promise<Customer> {
  const visitor = await visit(shop, flight);
  const created = await visitor.createOnce();
  expect(created.status).toBe(201);
  const booking = JSON.parse(created.text) as Booking;
  const { amount, currency } = booking.price;
  return {
    ...visitor,
    booking,
    answers: { created },
    payOnce: (paymentMethod = 'pm_card_visa') =>
      visitor.ask(
        '/payments',
        { bookingId: booking.id, amount, currency, paymentMethod },
        visitor.paymentKey,
      ),
  };
}

/** A customer whose booking is paid for. */
export async function sell(shop: CrashShop, flight: FlightOnSale): Promise<Customer> {
  const customer = await hold(shop, flight);
  customer.answers.paid = await customer.payOnce();
  expect(customer.answers.paid.status).toBe(201);
  return customer;
}

/** Flights of the schedule that may be changed: the earlier build knows no other schema. */
export async function flightsOnSale({ db }: CrashShop): Promise<FlightOnSale[]> {
  const { rows } = await db.raw<{ rows: { id: string; departureAt: Date }[] }>(
    `SELECT f.id, f.departure_at AS "departureAt" FROM flights f
     JOIN flight_cabins c ON c.flight_id = f.id AND c.cabin = 'economy' AND c.refundable
     WHERE f.departure_at > now() + interval '6 hours'
       AND EXISTS (
         SELECT FROM flights o
         JOIN flight_cabins oc ON oc.flight_id = o.id AND oc.cabin = 'economy' AND oc.refundable
         WHERE (o.origin, o.destination) = (f.origin, f.destination) AND o.id <> f.id
           AND o.departure_at > now() + interval '6 hours')
     ORDER BY f.departure_at DESC, f.id LIMIT 40`,
  );
  return rows;
}

/** Another flight of the same way. */
export async function sisterOf({ db }: CrashShop, { id }: FlightOnSale): Promise<string> {
  const { rows } = await db.raw<{ rows: [{ id: string }] }>(
    `SELECT o.id FROM flights f
     JOIN flights o ON (o.origin, o.destination) = (f.origin, f.destination) AND o.id <> f.id
     JOIN flight_cabins oc ON oc.flight_id = o.id AND oc.cabin = 'economy' AND oc.refundable
     WHERE f.id = ? AND o.departure_at > now() + interval '6 hours' LIMIT 1`,
    [id],
  );
  return rows[0].id;
}

/** As a release does it: before its processes come. */
export async function migrate({ stack }: CrashShop): Promise<void> {
  const { exitCode, stderr } = await runCommand('npm', ['run', '--silent', 'migrate'], {
    timeoutMs: PATIENCE_MS,
    env: { ...process.env, DATA_DIR: stack.place.dataDir },
  });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
}

export async function quoteChange({ client, bookingId }: Customer, flightId: string) {
  const { status, body } = await client.post<ChangeQuote>(
    `/api/v1/bookings/${bookingId}/change-quotes`,
    { slices: [{ replaces: 0, flightIds: [flightId] }] },
  );
  expect(status).toBe(201);
  return body;
}

export function askForChange({ client, bookingId }: Customer, key: string, quoteId: string) {
  return persist(() =>
    client.post<Change>(
      `/api/v1/bookings/${bookingId}/changes`,
      { quoteId, paymentMethod: 'pm_card_visa' },
      { 'x-idempotency-key': key },
    ),
  );
}

export async function untilRefunded({ read, bookingId }: Customer): Promise<void> {
  await until(`the refunds of ${bookingId}`, async () => {
    const { refund } = await read();
    return refund === null || refund.status === 'succeeded';
  });
}

/** What a cheaper flight gives back is still on its way when the change is complete. */
export async function untilProviderKeeps(
  { db }: CrashShop,
  { bookingId }: Customer,
  amount: number,
) {
  await until(
    `${amount} of ${bookingId} at the provider`,
    async () => (await moneyAtProvider(db, bookingId)) === amount,
  );
}

export async function until(what: string, isSeen: () => Promise<boolean>): Promise<void> {
  await waitUntil(isSeen, {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error(`Not seen: ${what}`),
  });
}
