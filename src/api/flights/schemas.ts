import { z } from 'zod';
import { FLIGHT_STATUSES } from '../../domain/flight-status';
import { FLIGHT_SORTS } from '../../db/flights/flight-view';
import { SEAT_STATES } from '../../db/seats/seat-map-view';
import {
  Airport,
  CabinName,
  Cursor,
  Id,
  Instant,
  isKnownYear,
  Money,
  page,
  PageLimit,
  PlaceCode,
  SeatNumber,
  wholeNumber,
} from '../schemas';

const FIRST = 'What comes first: the earliest, the cheapest or the shortest.';

const SearchSort = z.enum(FLIGHT_SORTS).meta({ id: 'SearchSort', description: FIRST });

export const FlightSearchQuery = z.strictObject({
  origin: PlaceCode,
  destination: PlaceCode,
  date: z.iso
    .date()
    .refine(isKnownYear, 'There was no year 0.')
    .meta({ description: 'Local at the origin.' }),
  passengers: wholeNumber(1, 9)
    .default(1)
    .meta({ description: 'Seats that must be free in one cabin.' }),
  cabin: CabinName.optional().meta({ description: 'Left out: any cabin.' }),
  sort: SearchSort.default('departure').meta({ description: FIRST }),
  limit: PageLimit,
  cursor: Cursor,
});

const PARTY = FlightSearchQuery.pick({
  origin: true,
  destination: true,
  passengers: true,
  cabin: true,
});

export const CalendarQuery = PARTY.extend({
  month: z
    .string()
    .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'A month, such as 2026-12.')
    .refine(isKnownYear, 'There was no year 0.')
    .meta({ description: 'Local at the origin, `YYYY-MM`.' }),
});

export const Calendar = z
  .object({
    month: z.string(),
    days: z.array(
      z
        .object({
          date: z.iso.date(),
          lowestPrice: Money.nullable().meta({
            description: 'One adult, all included; null when no direct flight has the seats.',
          }),
        })
        .meta({ id: 'CalendarDay' }),
    ),
  })
  .meta({ id: 'Calendar', description: 'The lowest price of each day of a month.' });

export const FareConditions = z
  .object({
    refundable: z.boolean(),
    cancellationFee: Money,
    changeable: z.boolean().meta({ description: 'Whether flights can be exchanged for others.' }),
    changeFee: Money.meta({ description: 'What that costs beside the difference of fares.' }),
  })
  .meta({
    id: 'FareConditions',
    description: 'What a cancellation or a change after payment costs.',
  });

const CabinOffer = z
  .object({
    cabin: CabinName,
    availableSeats: z.int().min(0),
    price: Money.meta({ description: 'One adult, all included.' }),
    conditions: FareConditions,
  })
  .meta({
    id: 'CabinOffer',
    description: 'What a seat in one cabin costs, and how many are left.',
  });

export const FlightStatusName = z.enum(FLIGHT_STATUSES).meta({
  id: 'FlightStatus',
  description:
    '`scheduled`: flies as first planned. `moved`: flies at these times instead. ' +
    '`cancelled`: does not fly, and is not sold.',
});

export const Flight = z
  .object({
    id: Id,
    flightNumber: z.string(),
    carrier: z
      .object({ code: z.string(), name: z.string() })
      .meta({ id: 'Carrier', description: 'The airline; its code is of IATA.' }),
    origin: Airport,
    destination: Airport,
    departureAt: Instant,
    arrivalAt: Instant,
    status: FlightStatusName,
    aircraft: z.object({ model: z.string() }),
    cabins: z.array(CabinOffer),
  })
  .meta({ id: 'Flight' });

export const FlightPage = page(Flight).meta({ id: 'FlightPage' });

export const SeatMap = z
  .object({
    flightId: Id,
    seats: z.array(
      z
        .object({
          seatNumber: SeatNumber,
          cabin: CabinName,
          available: z.boolean().meta({ description: 'Whether it is on sale: `free`.' }),
          state: z.enum(SEAT_STATES).meta({
            id: 'SeatState',
            description:
              '`held`: taken off sale until its booking is paid for, or its time to pay ends.',
          }),
        })
        .meta({ id: 'Seat' }),
    ),
  })
  .meta({ id: 'SeatMap' });
