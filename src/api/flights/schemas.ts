import { z } from 'zod';
import { FLIGHT_SORTS } from '../../db/flights/flight-view';
import {
  Airport,
  CabinName,
  Cursor,
  Instant,
  isKnownYear,
  Money,
  page,
  PageLimit,
  PlaceCode,
  SeatNumber,
} from '../schemas';

export const FlightSearchQuery = z.strictObject({
  origin: PlaceCode,
  destination: PlaceCode,
  date: z.iso
    .date()
    .refine(isKnownYear, 'There was no year 0.')
    .meta({ description: 'Local at the origin.' }),
  passengers: z.coerce.number().pipe(z.int().min(1).max(9)).default(1),
  cabin: CabinName.optional(),
  sort: z.enum(FLIGHT_SORTS).default('departure'),
  limit: PageLimit,
  cursor: Cursor.optional(),
});

export const Flight = z
  .object({
    id: z.uuid(),
    flightNumber: z.string(),
    carrier: z.object({ code: z.string(), name: z.string() }),
    origin: Airport,
    destination: Airport,
    departureAt: Instant,
    arrivalAt: Instant,
    aircraft: z.object({ model: z.string() }),
    cabins: z.array(
      z.object({
        cabin: CabinName,
        availableSeats: z.int().min(0),
        price: Money.meta({ description: 'One adult, all included.' }),
        conditions: z.object({ refundable: z.boolean(), cancellationFee: Money }),
      }),
    ),
  })
  .meta({ id: 'Flight' });

export const FlightPage = page(Flight).meta({ id: 'FlightPage' });

export const SeatMap = z
  .object({
    flightId: z.uuid(),
    seats: z.array(z.object({ seatNumber: SeatNumber, cabin: CabinName, available: z.boolean() })),
  })
  .meta({ id: 'SeatMap' });
