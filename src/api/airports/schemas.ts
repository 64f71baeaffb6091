import { z } from 'zod';
import { printable } from '../schemas';

/** More than any list that a person reads. */
export const MAX_AIRPORTS = 100;

export const AirportSearchQuery = z.strictObject({
  q: printable.max(100).trim().default('').meta({
    description:
      'A code, a city or a name, or a part of one, in any case, with or without accents. Left out or empty: all, by code.',
    example: 'new york',
  }),
});

const AirportDetails = z
  .object({
    iata: z.string(),
    name: z.string(),
    city: z.string().nullable(),
    metropolitanArea: z.string().nullable().meta({
      description: 'Stands for all airports of the region when flights are searched.',
      example: 'NYC',
    }),
    timeZone: z.string(),
  })
  .meta({ id: 'AirportDetails' });

export const AirportList = z
  .object({ data: z.array(AirportDetails).max(MAX_AIRPORTS) })
  .meta({ id: 'AirportList' });
