import { randomUUID } from 'node:crypto';
import { instantOf } from '../../src/activities/flight-schedule/local-time';
import { localDateOf } from '../../src/domain/local-date';
import type { Db } from '../../src/db/connection';
import { addCarriersAndAirports, addFlights } from '../../src/db/flights/schedule';
import type { Cabin } from '../../src/domain/cabin';

/** A little of the schedule's own places, and São Paulo for its accent. */
export const AIRPORTS = [
  inNewYork({ iata: 'EWR', name: 'Newark Liberty', city: 'Newark' }),
  inNewYork({ iata: 'JFK', name: 'John F Kennedy', city: 'New York' }),
  inNewYork({ iata: 'LGA', name: 'Laguardia', city: 'New York' }),
  { iata: 'GRU', name: 'Guarulhos', city: 'São Paulo', timeZone: 'America/Sao_Paulo' },
  { iata: 'LAX', name: 'Los Angeles', timeZone: 'America/Los_Angeles' },
  { iata: 'SFO', name: 'San Francisco', timeZone: 'America/Los_Angeles' },
];

function inNewYork(airport: { iata: string; name: string; city: string }) {
  return { ...airport, timeZone: 'America/New_York', metropolitanArea: 'NYC' };
}

interface CabinOnSale {
  cabin: Cabin;
  seats: number;
  /** One adult's, in cents. */
  price: number;
}

export interface Departure {
  from?: string;
  to?: string;
  /** Local in New York, like the time: `HH:MM`. */
  date: string;
  time: string;
  minutes?: number;
  cabins?: CabinOnSale[];
}

const LETTERS = ['A', 'B', 'C', 'D', 'E', 'F'];
const ECONOMY: CabinOnSale = { cabin: 'economy', seats: 6, price: 12_000 };

/**
 * Puts departures on sale, from Newark to Los Angeles unless said otherwise; returns their IDs in
 * the order given.
 */
export async function putOnSale(db: Db, departures: readonly Departure[]): Promise<string[]> {
  await addCarriersAndAirports(db, [{ code: 'YY', name: 'Timetable Air' }], AIRPORTS);
  const [{ flights }] = (await db('flights').count('* as flights')) as [{ flights: number }];
  const ids = departures.map(() => randomUUID());
  await db.transaction((transaction) =>
    addFlights(
      transaction,
      departures.map((departure, index) =>
        flightOf(departure, ids[index] ?? '', `YY${flights + index + 1}`),
      ),
    ),
  );
  return ids;
}

function zoneOf(iata: string): string {
  const airport = AIRPORTS.find((known) => known.iata === iata);
  if (airport === undefined) throw new Error(`Bug: the tests have no airport ${iata}`);
  return airport.timeZone;
}

function flightOf(
  { from = 'EWR', to = 'LAX', date, time, minutes = 360, cabins = [ECONOMY] }: Departure,
  id: string,
  flightNumber: string,
) {
  const departureAt = instantOf(date, time, 'America/New_York');
  let rowNumber = 0;
  return {
    id,
    carrierCode: 'YY',
    flightNumber,
    origin: from,
    destination: to,
    departureDate: localDateOf(departureAt, zoneOf(from)),
    departureAt,
    arrivalAt: new Date(departureAt.getTime() + minutes * 60_000),
    aircraftModel: 'A321',
    distanceMiles: 2_454,
    cabins: cabins.map(({ cabin, seats, price }) => ({
      cabin,
      seatCount: seats,
      fare: { base: price - 2_000, taxes: 1_500, fees: 500, currency: 'USD' },
      conditions: { refundable: true, cancellationFee: { amount: 5_000, currency: 'USD' } },
    })),
    // Each cabin begins in a row of its own, the cheapest in front.
    seats: cabins.flatMap(({ cabin, seats }) =>
      Array.from({ length: seats }, (_, seat) => {
        const column = seat % LETTERS.length;
        if (column === 0) rowNumber += 1;
        return { seatNumber: `${rowNumber}${LETTERS[column] ?? ''}`, rowNumber, cabin };
      }),
    ),
  };
}
