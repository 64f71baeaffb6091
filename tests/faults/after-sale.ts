import { randomUUID } from 'node:crypto';
import type { Booking } from '../../src/domain/booking';
import type { Money } from '../../src/domain/money';
import type { ChangeQuote } from '../../src/domain/changes/change';
import { sliceOf, type Journey, type Network } from '../reliability/network';
import { oneOf } from './plan';
import { cardOf, readBooking, think, type Shopper } from './shopper';

/** Quotes a change of one slice, and makes it. */
export async function change(
  shopper: Shopper,
  booking: Booking,
  network: Network,
  journey: Journey,
): Promise<void> {
  const { random, client } = shopper;
  const replaces = Math.floor(random() * journey.length);
  const slice = sliceOf(network, journey[replaces] ?? [], () => Math.floor(random() * 100));
  const path = `/api/v1/bookings/${booking.id}`;
  const quote = await client.insist<ChangeQuote>({
    ...({ kind: 'change_quote', method: 'POST', path: `${path}/change-quotes` } as const),
    body: { slices: [{ replaces, ...slice }] },
  });
  if (quote?.status !== 201) return;
  await think(shopper);
  const asked = {
    ...({ kind: 'change', method: 'POST', path: `${path}/changes` } as const),
    key: `change-${randomUUID()}`,
    body: { quoteId: quote.body.id, paymentMethod: cardOf(shopper) },
  };
  await client.insist(asked);
  if (random() < 0.2) await client.send(asked);
}

/** The seats of a flight of the run: six rows of six. */
const ROWS = ['1', '2', '3', '4', '5', '6'];
const LETTERS = ['A', 'B', 'C', 'D', 'E', 'F'];

/** Moves somebody to a seat that others may have or want, or has two of them exchange theirs. */
export async function chooseSeats(shopper: Shopper, booking: Booking): Promise<void> {
  const { random, client } = shopper;
  const [one, other] = booking.passengers;
  const own = one?.seats ?? [];
  const present = own[Math.floor(random() * own.length)];
  if (one === undefined || present === undefined) return;
  const { flightId, seatNumber } = present;
  const opposite = other?.seats?.find((seat) => seat.flightId === flightId);
  const seats =
    other !== undefined && opposite !== undefined && random() < 0.4
      ? [
          { passengerId: one.id, flightId, seatNumber: opposite.seatNumber },
          { passengerId: other.id, flightId, seatNumber },
        ]
      : [
          {
            passengerId: one.id,
            flightId,
            seatNumber: oneOf(random, ROWS) + oneOf(random, LETTERS),
          },
        ];
  const asked = {
    ...({ kind: 'choose_seats', method: 'POST' } as const),
    path: `/api/v1/bookings/${booking.id}/seats`,
    body: { seats },
    ...(random() < 0.6 ? { key: `seats-${randomUUID()}` } : {}),
  };
  await client.insist(asked);
  if (random() < 0.2) await client.send(asked);
}

/** Corrects a letter of a name; some ask for another person's name, which is refused. */
export async function correctName(shopper: Shopper, booking: Booking): Promise<void> {
  const { random, client } = shopper;
  const passenger = oneOf(random, booking.passengers);
  const givenName =
    random() < 0.15 ? 'Grace' : `${passenger.givenName ?? ''}${oneOf(random, LETTERS)}`;
  await client.insist({
    ...({ kind: 'correct_name', method: 'PATCH' } as const),
    path: `/api/v1/bookings/${booking.id}/passengers/${passenger.id}`,
    body: { givenName },
    ...(random() < 0.6 ? { key: `name-${randomUUID()}` } : {}),
  });
}

/** Asks what it gives back, and cancels; some for no other refund than that. */
export async function cancel({ random, client }: Shopper, { id }: Booking): Promise<void> {
  const path = `/api/v1/bookings/${id}`;
  const insistsOnQuote = random() < 0.5;
  for (let tries = 0; tries < 2; tries += 1) {
    const quote = await client.send<{ refund: Money }>({
      kind: 'cancel_quote',
      method: 'GET',
      path: `${path}/cancellation-quote`,
    });
    const isQuoted = insistsOnQuote && quote?.status === 200;
    const reply = await client.insist<{ code?: string }>({
      kind: 'cancel',
      method: 'POST',
      path: `${path}/cancel`,
      body: isQuoted ? { expectedRefund: quote.body.refund } : {},
    });
    // It was changed, or paid for, meanwhile.
    if (reply?.body.code !== 'quote_changed') return;
  }
}

/** Answers the airline, if it has moved or cancelled a flight. */
export async function respond(shopper: Shopper, booking: Booking): Promise<void> {
  const now = await readBooking(shopper, booking);
  const offered = now?.body.scheduleChange?.availableActions ?? [];
  if (!offered.includes('accept') || shopper.random() < 0.3) return;
  await shopper.client.insist({
    ...({ kind: 'accept', method: 'POST' } as const),
    path: `/api/v1/bookings/${booking.id}/schedule-change/accept`,
    body: {},
  });
}
