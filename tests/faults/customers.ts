import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client as TemporalClient } from '@temporalio/client';
import type { Booking } from '../../src/domain/booking';
import type { ChangeQuote } from '../../src/domain/changes/change';
import { paymentReceived } from '../../src/temporal/contracts';
import { PAYMENT_EVENTS, signed } from '../api/signed-events';
import { JOURNEYS, sliceOf, type Journey, type Network } from '../reliability/network';
import { randomFrom } from '../support/random';
import { recordedResponse } from './history/write';
import type { Weather } from './nemesis';
import { between, oneOf } from './plan';
import type { RecordedClient, Reply } from './recorded-client';

/** Where customers go, and with what. */
export interface Market {
  /** What is on sale now: in a long run, something else every few minutes. */
  network(): Network;
  temporal: TemporalClient;
  paymentEventsSecret: string;
  weather: Weather;
  /** Bookings that were made lately, which an operator may cancel. */
  recent: string[];
}

/** How many of {@link Market.recent} are remembered. */
const RECENT = 20;

/** Between two things that a customer does, in milliseconds. */
const THINKS_MS = [100, 900] as const;

const CARDS = [
  ...Array.from({ length: 12 }, () => 'pm_card_visa'),
  ...['pm_card_chargeDeclined', 'pm_card_chargeDeclinedInsufficientFunds'],
  ...['pm_card_threeDSecure2Required', 'pm_sandbox_3ds_failed'],
  ...['pm_sandbox_error', 'pm_sandbox_timeout', 'pm_sandbox_slow'],
];

/** What cards are like while the provider has trouble. */
const CARDS_IN_A_STORM = [
  ...['pm_sandbox_error', 'pm_sandbox_timeout', 'pm_sandbox_slow', 'pm_sandbox_unknown'],
];

/**
 * One customer: books something, does one thing or another with it, and comes again, until told to
 * leave. What was begun is brought to its end.
 */
export async function visit(
  client: RecordedClient,
  market: Market,
  { seed, isOpen }: { seed: number; isOpen: () => boolean },
): Promise<void> {
  const random = randomFrom(seed);
  for (let count = 0; isOpen(); count += 1) {
    await new Visit(client, market, random, `customer-${client.client}-${count}`).run();
    await think(random);
  }
}

const think = (random: () => number) => sleep(between(random, THINKS_MS));

/** One booking's life, as its customer wants it. */
class Visit {
  constructor(
    private readonly client: RecordedClient,
    private readonly market: Market,
    private readonly random: () => number,
    private readonly name: string,
  ) {}

  async run(): Promise<void> {
    const { random } = this;
    if (random() < 0.4) await this.look();
    const journey = oneOf(random, JOURNEYS);
    const network = this.market.network();
    const booking = await this.book(network, journey);
    if (booking === undefined) return;
    await this.think();
    // Some look elsewhere, and let it expire, or say so.
    const mind = random();
    if (mind < 0.08) return;
    if (mind < 0.14) return this.cancel(booking);
    const isPaid = mind < 0.32 ? await this.payExternally(booking) : await this.pay(booking);
    if (!isPaid) return random() < 0.5 ? this.cancel(booking) : undefined;
    await this.think();
    if (random() < 0.25) await this.change(booking, network, journey);
    if (random() < 0.1)
      await Promise.all([this.change(booking, network, journey), this.cancel(booking)]);
    await this.respond(booking);
    if (random() < 0.3) await this.cancel(booking);
  }

  private think(): Promise<void> {
    return think(this.random);
  }

  private async look(): Promise<void> {
    const flight = oneOf(this.random, this.market.network().flightIds);
    await this.client.send({
      kind: 'seats',
      method: 'GET',
      path: `/api/v1/flights/${flight}/seats`,
    });
  }

  /** Returns the booking whose seats are held; undefined if it was refused, or never answered. */
  private async book(network: Network, journey: Journey): Promise<Booking | undefined> {
    const { random, client, market } = this;
    const slices = journey.map((legs) => sliceOf(network, legs, () => Math.floor(random() * 100)));
    const party = oneOf(random, [1, 1, 1, 2, 2, 3]);
    const [only] = slices.flatMap(({ flightIds }) => flightIds);
    // Some want a certain seat, which others want, too.
    const isChosen = party === 1 && journey.flat().length === 1 && random() < 0.4;
    const seats = isChosen
      ? [{ flightId: only, seatNumber: oneOf(random, ['1A', '1B', '1C', '2A', '2B']) }]
      : undefined;
    const body = {
      slices,
      passengers: Array.from({ length: party }, (_, index) => ({
        ...{ givenName: `Ada${index + 1}`, familyName: 'Lovelace' },
        ...(seats === undefined ? {} : { seats }),
      })),
      contact: { email: `${this.name}@example.com` },
    };
    const asked = { kind: 'book', method: 'POST', path: '/api/v1/bookings', body } as const;
    const key = `book-${randomUUID()}`;
    // Some press the button twice.
    const [reply] = await Promise.all([
      client.insist<Booking>({ ...asked, key }),
      ...(random() < 0.1 ? [client.send({ ...asked, key })] : []),
    ]);
    if (random() < 0.1) await client.send({ ...asked, key });
    if (random() < 0.03)
      await client.send({ ...asked, key, body: { ...body, contact: { email: 'b@example.com' } } });
    if (reply?.status !== 201) return undefined;
    market.recent.push(reply.body.id);
    if (market.recent.length > RECENT) market.recent.shift();
    return reply.body;
  }

  /** By cards, up to three of them; returns whether it was paid. */
  private async pay(booking: Booking): Promise<boolean> {
    const { random, client } = this;
    for (let tries = 0; tries < 3; tries += 1) {
      const asked = {
        ...({ kind: 'pay', method: 'POST', path: '/api/v1/bookings/payments' } as const),
        key: `pay-${randomUUID()}`,
        body: {
          bookingId: booking.id,
          amount: booking.price.amount,
          currency: booking.price.currency,
          paymentMethod: this.card(),
        },
      };
      const reply = await client.insist(asked);
      if (random() < 0.15) await client.send(asked);
      if (reply?.status === 201) return true;
      if (reply?.status !== 402) return false;
      await this.think();
    }
    return false;
  }

  private card(): string {
    return oneOf(this.random, this.market.weather.isProviderStormy ? CARDS_IN_A_STORM : CARDS);
  }

  /**
   * Another service is paid for the booking, and says so: more than once, by event or by signal.
   * Some have heard of another amount. Returns whether it was booked by it.
   */
  private async payExternally(booking: Booking): Promise<boolean> {
    const { random, client, market } = this;
    const { amount, currency } = booking.price;
    const data = {
      bookingId: booking.id,
      amount: random() < 0.1 ? amount - 1 : amount,
      currency,
      provider: 'bank',
      providerPaymentId: `transfer-${randomUUID()}`,
    };
    const body = { type: 'payment.captured', data };
    const post = () =>
      client.insist({
        ...({ kind: 'pay_external', method: 'POST', path: PAYMENT_EVENTS, body } as const),
        headers: signed(body, { secret: market.paymentEventsSecret }).headers,
      });
    const { bookingId: _, ...report } = data;
    const signal = () =>
      client.record(
        { kind: 'pay_external', method: 'SIGNAL', path: booking.workflowId, body: report },
        async () => {
          const workflow = market.temporal.workflow.getHandle(booking.workflowId);
          await workflow.signal(paymentReceived, report);
          return recordedResponse(202, {}, Buffer.alloc(0));
        },
      );
    await Promise.all(oneOf(random, [[post()], [post(), post()], [signal(), post()]]));
    return this.untilBooked(booking);
  }

  /** Asks now and then; an event has its effect after it was accepted. */
  private async untilBooked(booking: Booking): Promise<boolean> {
    for (let tries = 0; tries < 10; tries += 1) {
      const now = await this.get(booking);
      if (now?.body.status === 'booked') return true;
      if (now?.body.status === 'cancelled') return false;
      await sleep(1_000);
    }
    return false;
  }

  private get(booking: Booking): Promise<Reply<Booking> | undefined> {
    return this.client.send<Booking>({
      ...{ kind: 'get', method: 'GET', path: `/api/v1/bookings/${booking.id}` },
    });
  }

  /** Quotes a change of one slice, and makes it. */
  private async change(booking: Booking, network: Network, journey: Journey): Promise<void> {
    const { random, client } = this;
    const replaces = Math.floor(random() * journey.length);
    const slice = sliceOf(network, journey[replaces] ?? [], () => Math.floor(random() * 100));
    const path = `/api/v1/bookings/${booking.id}`;
    const quote = await client.insist<ChangeQuote>({
      ...({ kind: 'change_quote', method: 'POST', path: `${path}/change-quotes` } as const),
      body: { slices: [{ replaces, ...slice }] },
    });
    if (quote?.status !== 201) return;
    await this.think();
    const asked = {
      ...({ kind: 'change', method: 'POST', path: `${path}/changes` } as const),
      key: `change-${randomUUID()}`,
      body: { quoteId: quote.body.id, paymentMethod: this.card() },
    };
    await client.insist(asked);
    if (random() < 0.2) await client.send(asked);
  }

  /** Asks what it gives back, and cancels. */
  private async cancel(booking: Booking): Promise<void> {
    const path = `/api/v1/bookings/${booking.id}`;
    await this.client.send({
      ...{ kind: 'cancel_quote', method: 'GET', path: `${path}/cancellation-quote` },
    });
    await this.client.insist({ kind: 'cancel', method: 'POST', path: `${path}/cancel`, body: {} });
  }

  /** Answers the airline, if it has moved or cancelled a flight. */
  private async respond(booking: Booking): Promise<void> {
    const now = await this.get(booking);
    const offered = now?.body.scheduleChange?.availableActions ?? [];
    if (!offered.includes('accept') || this.random() < 0.3) return;
    await this.client.insist({
      ...({ kind: 'accept', method: 'POST' } as const),
      path: `/api/v1/bookings/${booking.id}/schedule-change/accept`,
      body: {},
    });
  }
}
