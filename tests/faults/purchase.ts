import { randomUUID } from 'node:crypto';
import type { Booking } from '../../src/domain/booking';
import { sliceOf, type Journey } from '../reliability/network';
import type { NetworkOnSale } from './on-sale';
import { oneOf } from './plan';
import type { Shopper } from './shopper';

/** How many of {@link Market.recent} are remembered. */
const RECENT = 20;

/** Looks for flights of the way out, or for ways of several. */
export async function search(
  { client, random }: Shopper,
  { date }: NetworkOnSale,
  journey: Journey,
): Promise<void> {
  const destination = journey[0]?.length === 1 ? 'LAX' : 'GRU';
  const what = destination === 'LAX' && random() < 0.5 ? 'flights' : 'slices';
  const wanted = new URLSearchParams({
    origin: 'EWR',
    destination,
    date,
    passengers: oneOf(random, ['1', '2', '3']),
    limit: '5',
  });
  await client.send({
    kind: 'search',
    method: 'GET',
    path: `/api/v1/${what}?${wanted.toString()}`,
  });
}

/** Looks at the seats of a flight. */
export async function lookAtSeats(
  { client, random }: Shopper,
  { flightIds }: NetworkOnSale,
): Promise<void> {
  const path = `/api/v1/flights/${oneOf(random, flightIds)}/seats`;
  await client.send({ kind: 'seats', method: 'GET', path });
}

/** Returns the booking whose seats are held; undefined if it was refused, or never answered. */
export async function book(
  { random, client, market: { recent }, name }: Shopper,
  network: NetworkOnSale,
  journey: Journey,
): Promise<Booking | undefined> {
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
      givenName: `Ada${index + 1}`,
      familyName: 'Lovelace',
      ...(seats === undefined ? {} : { seats }),
    })),
    contact: { email: `${name}@example.com` },
    ...(random() < 0.8 ? { metadata: { order: name } } : {}),
  };
  const asked = { kind: 'book', method: 'POST', path: '/api/v1/bookings', body } as const;
  const key = `book-${randomUUID()}`;
  // Some press the button twice.
  const [reply] = await Promise.all([
    client.insist<Booking>({ ...asked, key }),
    ...(random() < 0.1 ? [client.send({ ...asked, key })] : []),
  ]);
  if (random() < 0.1) await client.send({ ...asked, key });
  if (random() < 0.1)
    await client.send({ ...asked, key, body: { ...body, contact: { email: 'b@example.com' } } });
  if (reply?.status !== 201) return undefined;
  recent.push(reply.body.id);
  if (recent.length > RECENT) recent.shift();
  return reply.body;
}
