import { z } from 'zod';
import { MAX_CONNECTIONS } from '../../domain/slice';
import { Airport, CabinName, Instant, Money, page, wholeNumber } from '../schemas';
import { FareConditions, Flight, FlightSearchQuery } from './schemas';

const MOST = 'The most connections; 0 finds direct flights alone.';
const NUMBERS = { type: 'integer', minimum: 0, maximum: MAX_CONNECTIONS } as const;

/** A number in a query is text, and no text is read as zero, which would be a number here. */
const Connections = z
  .preprocess((text) => (text === '' ? NaN : text), wholeNumber(0, MAX_CONNECTIONS))
  .meta({
    id: 'Connections',
    description: MOST,
    override: NUMBERS,
  });

export const SliceSearchQuery = FlightSearchQuery.extend({
  passengers: wholeNumber(1, 9)
    .default(1)
    .meta({ description: 'Seats that must be free in the cabin, on every flight.' }),
  cabin: CabinName.default('economy').meta({
    description: 'Of every flight, as a booking has one cabin.',
  }),
  connections: Connections.default(1).meta({ description: MOST }),
});

const Slice = z
  .object({
    origin: Airport,
    destination: Airport,
    departureAt: Instant,
    arrivalAt: Instant,
    durationMinutes: z
      .int()
      .min(1)
      .meta({ description: 'From the first departure to the last arrival.' }),
    connections: z.int().min(0).max(MAX_CONNECTIONS),
    segments: z
      .array(Flight)
      .min(1)
      .max(MAX_CONNECTIONS + 1)
      .meta({ description: 'The flights, in order. Each shows the cabin that was searched.' }),
    price: Money.meta({ description: 'One adult, all included: the sum of the segments.' }),
    conditions: FareConditions.meta({
      description: 'Refundable only if every segment is; the highest fee, once.',
    }),
  })
  .meta({ id: 'Slice', description: 'A way from an origin to a destination, in one direction.' });

export const SlicePage = page(Slice).meta({ id: 'SlicePage' });
