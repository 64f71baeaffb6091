import { randomUUID } from 'node:crypto';
import type { Db } from '../../src/db/connection';
import { addCarriersAndAirports, addFlights } from '../../src/db/flights/schedule';
import type { PassengerRequest } from '../../src/domain/passenger';
import type { BookingRequest, CardPayment } from '../../src/temporal/contracts/booking';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;

/** What one adult pays on every flight of the tests: 120 dollars in all. */
export const FARE = { base: 10_000, taxes: 1_500, fees: 500, currency: 'USD' };
export const ADULT_PRICE = { amount: 12_000, currency: 'USD' };

const LETTERS = Array.from('ABCDEF');

export interface FlightOnSale {
  id: string;
  departureAt: Date;
}

/** What cancelling costs on every flight of the tests that gives anything back. */
export const CANCELLATION_FEE = { amount: 5_000, currency: 'USD' };

/** Flights leave on a whole second. */
function onWholeSecond(instant: Date): Date {
  return new Date(Math.ceil(instant.getTime() / 1000) * 1000);
}

/**
 * Puts a flight on sale: rows of six seats, 1A to 1F, 2A to 2F, and so on, all economy; unless said
 * otherwise it departs in a month, and its fare is given back but for a fee.
 */
export async function putFlightOnSale(
  db: Db,
  {
    seats,
    departureAt: asked = new Date(Date.now() + 30 * DAY_MS),
    refundable = true,
    base = FARE.base,
  }: { seats: number; departureAt?: Date; refundable?: boolean; base?: number },
): Promise<FlightOnSale> {
  const departureAt = onWholeSecond(asked);
  await addCarriersAndAirports(
    db,
    [{ code: 'ZZ', name: 'Test Air' }],
    [
      { iata: 'LHR', name: 'London Heathrow', timeZone: 'Europe/London' },
      { iata: 'JFK', name: 'New York Kennedy', timeZone: 'America/New_York' },
    ],
  );
  const id = randomUUID();
  const [{ flights }] = (await db('flights').count('* as flights')) as [{ flights: number }];
  await db.transaction((transaction) =>
    addFlights(transaction, [
      {
        id,
        carrierCode: 'ZZ',
        // One number a flight: two of a day can't share one.
        flightNumber: `ZZ${String(flights + 1)}`,
        origin: 'LHR',
        destination: 'JFK',
        departureDate: departureAt.toISOString().slice(0, 10),
        departureAt,
        arrivalAt: new Date(departureAt.getTime() + 8 * HOUR_MS),
        aircraftModel: 'A320',
        distanceMiles: 3_451,
        cabins: [
          {
            cabin: 'economy',
            seatCount: seats,
            fare: { ...FARE, base },
            conditions: { refundable, cancellationFee: CANCELLATION_FEE },
          },
        ],
        seats: Array.from({ length: seats }, (_, index) => {
          const rowNumber = Math.floor(index / LETTERS.length) + 1;
          const letter = LETTERS[index % LETTERS.length] ?? '';
          return {
            seatNumber: `${String(rowNumber)}${letter}`,
            rowNumber,
            cabin: 'economy' as const,
          };
        }),
      },
    ]),
  );
  return { id, departureAt };
}

/** How many seats of a flight are in each state. */
export async function seatsByState(
  db: Db,
  flightId: string,
): Promise<{ free: number; held: number; sold: number }> {
  const rows = await db('seats')
    .where({ flight_id: flightId })
    .groupBy('state')
    .select('state')
    .count<{ state: 'free' | 'held' | 'sold'; seats: number }[]>('* as seats');
  const counts = { free: 0, held: 0, sold: 0 };
  for (const { state, seats } of rows) counts[state] = seats;
  return counts;
}

export function adult(seatNumber?: string): PassengerRequest {
  const ada = { givenName: 'Ada', familyName: 'Lovelace', type: 'adult' } as const;
  return seatNumber === undefined ? ada : { ...ada, seatNumber };
}

export function adults(count: number): PassengerRequest[] {
  return Array.from({ length: count }, () => adult());
}

/** A request for one flight. */
export type FlightRequest = BookingRequest & { flightId: string };

/**
 * A customer's request for one adult, each with an idempotency key of its own; a customer of its
 * own, too, unless one is named.
 */
export function requestOf(
  flight: { id: string },
  details: Partial<Omit<BookingRequest, 'flightId' | 'slices'>> = {},
): FlightRequest {
  return {
    bookingId: randomUUID(),
    customerId: `customer-${randomUUID()}`,
    flightId: flight.id,
    cabin: 'economy',
    passengers: [adult()],
    contactEmail: null,
    idempotencyKey: `key-${randomUUID()}`,
    fingerprint: 'fingerprint-of-the-booking',
    ...details,
  };
}

/** A payment that fits the booking: its owner's, the price of one adult, by a card that works. */
export function paymentFor(
  { bookingId, customerId }: { bookingId: string; customerId: string },
  details: Partial<CardPayment> = {},
): CardPayment {
  return {
    bookingId,
    paymentId: randomUUID(),
    customerId,
    idempotencyKey: `key-${randomUUID()}`,
    fingerprint: 'fingerprint-of-the-payment',
    ...ADULT_PRICE,
    paymentMethod: 'pm_card_visa',
    ...details,
  };
}
