import type { Booking } from '../../src/domain/booking';
import type { Change, ChangeQuote } from '../../src/domain/changes/change';
import type { Payment } from '../../src/domain/payment';
import { newKey, type Client } from '../api/client';
import type { Answer } from '../api/contract';
import { adults } from '../support/flights';
import { persist } from './shopper';

/** What a traveller needs of the system. */
export interface TravellerShop {
  /** Confirms a payment with the customer's bank, and lets the booking know. */
  confirm(booking: { workflowId: string }, paymentId: string): Promise<void>;
  /** Hears of every answer: what was asked for, and what came. */
  answered?(what: string, answer: Answer): void;
}

/** What someone was told of one booking, from the first answer on. */
export interface Travel {
  client: Client;
  booking: Booking;
  /** Whether the booking was paid for. */
  isPaid: boolean;
  /** The quotes of all changes that were completed. */
  changes: ChangeQuote[];
  /** The booking as its cancellation returned it. */
  cancelled: Booking | undefined;
}

export type Traveller = ReturnType<typeof travellerOf>;

/**
 * A customer who books, pays, changes and cancels, each until there is a definite answer, and
 * remembers what they were told of their money.
 */
export function travellerOf(shop: TravellerShop, client: Client) {
  const heard = <T>(what: string, answer: Answer<T>) => {
    shop.answered?.(what, answer);
    return answer;
  };
  const insist = async <T>(what: string, send: () => Promise<Answer<T>>) =>
    persist(async () => heard(what, await send()));

  return {
    client,
    /** Returns undefined when the booking was refused. */
    async book(slices: { flightIds: string[] }[], party: number): Promise<Travel | undefined> {
      const details = { flightId: undefined, slices, passengers: adults(party) };
      const key = newKey();
      const created = await insist('book', () => client.create({ id: '' }, details, key));
      if (created.status !== 201) return undefined;
      return { client, booking: created.body, isPaid: false, changes: [], cancelled: undefined };
    },

    async pay(travel: Travel, paymentMethod: string, key = newKey()): Promise<Answer<Payment>> {
      const { booking } = travel;
      const paid = await insist('pay', async () => {
        const answer = await client.pay(booking, { paymentMethod }, key);
        if (answer.status === 202 && answer.body.nextAction !== undefined)
          await shop.confirm(booking, answer.body.id);
        return answer;
      });
      if (paid.status === 201) travel.isPaid = true;
      return paid;
    },

    /** Quotes a change, and makes it. Returns the last answer. */
    async change(
      travel: Travel,
      slices: { replaces: number; flightIds: string[] }[],
      paymentMethod: string,
    ): Promise<Answer<Change | ChangeQuote>> {
      const { booking } = travel;
      const path = `/api/v1/bookings/${booking.id}`;
      const quoted = await insist('quote', () =>
        client.post<ChangeQuote>(`${path}/change-quotes`, { slices }),
      );
      if (quoted.status !== 201) return quoted;
      const key = { 'x-idempotency-key': newKey() };
      const changed = await insist('change', async () => {
        const wanted = { quoteId: quoted.body.id, paymentMethod };
        const answer = await client.post<Change>(`${path}/changes`, wanted, key);
        const payment = answer.status === 202 ? answer.body.payment : null;
        if (payment?.nextAction !== undefined) await shop.confirm(booking, payment.id);
        return answer;
      });
      if (changed.status === 201) travel.changes.push(quoted.body);
      return changed;
    },

    /** By the customer, or by an operator for them. */
    async cancel(travel: Travel, by = client): Promise<Answer<Booking>> {
      const body = by === client ? undefined : { note: 'for a test' };
      const cancelled = await insist('cancel', () => by.cancel(travel.booking, body));
      if (cancelled.status === 200) travel.cancelled = cancelled.body;
      return cancelled;
    },

    /** Accepts the new times. */
    accept: ({ booking }: Travel) =>
      insist('accept', () =>
        client.post<Booking>(`/api/v1/bookings/${booking.id}/schedule-change/accept`, {}),
      ),

    read: async ({ booking }: Travel): Promise<Booking> =>
      (await insist('read', () => client.read(booking.id))).body,
  };
}
