import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import {
  createClient,
  newIntent,
  type FlightBookings,
  type Schemas,
} from '../../clients/typescript/src/client';
import { mintToken } from '../../src/cli/mint';
import type { DrillStack } from './stack';

/** What a customer of a drill has, and was told. */
export interface Sale {
  /** What happened to them, for people. */
  what: string;
  bookingId: string;
  reference: string;
  /** The status that they were told last. */
  told: Schemas['Booking']['status'];
  /** What we keep of their money, as they were told, in cents. */
  keeps: number;
  /** The flight that they fly on, as they were told last. */
  flightId: string;
  client: FlightBookings;
}

interface Route {
  /** Of one way and day, the cheapest first. */
  flights: string[];
}

/** Customers of a drill's shop, each a person of their own. Each request is sent until it is decided. */
export class Customers {
  private turn = 0;

  private constructor(
    private readonly stack: DrillStack,
    private readonly routes: readonly Route[],
  ) {}

  /** They fly where several flights of a day go, by fares that may be given back and changed. */
  static async of(stack: DrillStack): Promise<Customers> {
    const routes = await stack.rows<Route>(
      `SELECT array_agg(f.id ORDER BY c.base_amount + c.taxes_amount + c.fees_amount, f.id) AS flights FROM flights f
       JOIN flight_cabins c ON c.flight_id = f.id AND c.cabin = 'economy' AND c.refundable
       WHERE f.departure_at > now() + interval '8 hours' AND f.status = 'scheduled'
       GROUP BY f.origin, f.destination, CAST(f.departure_at AS date) HAVING count(*) > 1
       ORDER BY min(f.departure_at) LIMIT 40`,
    );
    if (routes.length === 0) throw new Error('No two flights of a day go the same way');
    return new Customers(stack, routes);
  }

  /** Someone whose seat is held. */
  async hold(what: string): Promise<Sale> {
    const client = await this.someone();
    const { flights } = this.routes[this.turn++ % this.routes.length] as Route;
    const [flightId = ''] = flights;
    const passengers = [{ givenName: 'Ada', familyName: 'Lovelace' }];
    const { status, data, error } = await client.POST('/api/v1/bookings', {
      body: { flightId, passengers },
    });
    if (status !== 201) throw new Error(`${what}: no seat (${status}, ${error?.code ?? '?'})`);
    const { id: bookingId, reference } = data;
    return { what, bookingId, reference, told: 'pending', keeps: 0, flightId, client };
  }

  /** Someone who has paid by card. */
  async buy(what: string): Promise<Sale> {
    return this.pay(await this.hold(what));
  }

  async pay(sale: Sale): Promise<Sale> {
    const { amount, currency } = await this.priceOf(sale);
    const { status, error } = await sale.client.POST('/api/v1/bookings/payments', {
      body: { bookingId: sale.bookingId, amount, currency, paymentMethod: 'pm_card_visa' },
    });
    if (status !== 201)
      throw new Error(`${sale.what}: not paid (${status}, ${error?.code ?? '?'})`);
    return Object.assign(sale, { told: 'booked', keeps: amount });
  }

  /** A bank reports that it has the price. */
  async transfer(sale: Sale): Promise<Sale> {
    const data = {
      ...(await this.priceOf(sale)),
      bookingId: sale.bookingId,
      provider: 'bank',
      providerPaymentId: `bank-${randomUUID()}`,
    };
    const body = JSON.stringify({ type: 'payment.captured', data });
    const [id, at] = [`msg_${randomUUID()}`, new Date()];
    const secret = this.stack.cluster.secrets.paymentEventsSecret;
    const answer = await fetch(`${this.stack.apiUrl}/api/v1/payment-events`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
        'webhook-signature': new Webhook(secret).sign(id, at, body),
      },
    });
    if (answer.status !== 202) throw new Error(`${sale.what}: ${await answer.text()}`);
    for (const giveUpAt = Date.now() + 20_000; (await this.statusOf(sale)) !== 'booked';)
      if (Date.now() > giveUpAt) throw new Error(`${sale.what}: the transfer has no effect`);
    return Object.assign(sale, { told: 'booked', keeps: data.amount });
  }

  async cancel(sale: Sale): Promise<Sale> {
    const { status, data, error } = await sale.client.POST('/api/v1/bookings/{id}/cancel', {
      params: { path: { id: sale.bookingId } },
    });
    if (status !== 200) throw new Error(`${sale.what}: not cancelled (${status}, ${error.code})`);
    const keeps = sale.keeps - (data.refund?.amount ?? 0);
    return Object.assign(sale, { told: 'cancelled', keeps });
  }

  /**
   * Exchanges the flight for the dearest one of the same way and day. What a cheaper one gives back
   * stays given when a restore undoes the change, until the provider tells of it again.
   */
  async change(sale: Sale): Promise<Sale> {
    const path = { id: sale.bookingId };
    const route = this.routes.find(({ flights }) => flights.includes(sale.flightId));
    const flightId = route?.flights.at(-1) ?? '';
    const quoted = await sale.client.POST('/api/v1/bookings/{id}/change-quotes', {
      params: { path },
      body: { slices: [{ replaces: 0, flightIds: [flightId] }] },
    });
    if (quoted.status !== 201)
      throw new Error(`${sale.what}: no quote (${quoted.status}, ${quoted.error.code})`);
    const { id: quoteId, toPay, toRefund } = quoted.data;
    const changed = await sale.client.POST('/api/v1/bookings/{id}/changes', {
      params: { path },
      body: { quoteId, paymentMethod: 'pm_card_visa' },
      intent: newIntent(),
    });
    if (changed.status !== 201)
      throw new Error(
        `${sale.what}: not changed (${changed.status}, ${changed.error?.code ?? '?'})`,
      );
    return Object.assign(sale, { flightId, keeps: sale.keeps + toPay.amount - toRefund.amount });
  }

  /** The booking, as its owner reads it now; undefined where there is none. */
  async read({ client, bookingId }: Sale): Promise<Schemas['Booking'] | undefined> {
    const { data } = await client.GET('/api/v1/bookings/{id}', {
      params: { path: { id: bookingId } },
    });
    return data;
  }

  private async statusOf(sale: Sale) {
    return (await this.read(sale))?.status;
  }

  private async priceOf(sale: Sale) {
    const booking = await this.read(sale);
    if (booking === undefined) throw new Error(`${sale.what}: no booking`);
    const { amount, currency } = booking.price;
    return { amount, currency };
  }

  private async someone(): Promise<FlightBookings> {
    const { secrets, settings } = this.stack.cluster;
    const { issuer, audience } = settings;
    const keys = { secret: secrets.authJwtSecret, issuer, audience };
    const sub = `customer-${randomUUID()}`;
    const token = await mintToken(keys, { sub, scope: 'bookings', expiresIn: '1h' });
    return createClient({ baseUrl: this.stack.apiUrl, token });
  }
}
