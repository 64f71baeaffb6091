import { z } from 'zod';
import { CABINS } from '../domain/cabin';
import { PASSENGER_TYPES } from '../domain/passenger';

/** Shapes that several routes share. */

export const Instant = z.iso
  .datetime({ precision: 3 })
  .meta({ id: 'Instant', description: 'UTC, ISO 8601.', example: '2026-11-23T10:15:00.000Z' });

/** There was no year 0: PostgreSQL has no such date, though ISO 8601 does. */
export function isKnownYear(date: string): boolean {
  return !date.startsWith('0000');
}

export const CurrencyCode = z
  .string()
  .regex(/^[A-Z]{3}$/, 'An ISO 4217 code: three capital letters.')
  .meta({ description: 'ISO 4217.', example: 'USD' });

/** Up to ten billion of a major unit: far above any booking, far below where whole numbers end. */
const MAX_AMOUNT = 1_000_000_000_000;

export const Amount = z
  .int()
  .min(1)
  .max(MAX_AMOUNT)
  .meta({ description: "In the currency's minor unit.", example: 12_345 });

export const Money = z
  .object({ amount: z.int().min(0), currency: CurrencyCode })
  .meta({ id: 'Money' });

export const CabinName = z.enum(CABINS);

export const PassengerTypeName = z.enum(PASSENGER_TYPES);

export const Airport = z
  .object({ iata: z.string(), name: z.string(), timeZone: z.string() })
  .meta({ id: 'Airport' });

export const PlaceCode = z
  .string()
  .regex(/^[A-Z]{3}$/, 'An IATA code: three capital letters.')
  .meta({
    description: 'IATA code of an airport, or of a metropolitan area: `NYC` is EWR, JFK and LGA.',
    example: 'EWR',
  });

export const SeatNumber = z
  .string()
  .regex(/^[1-9][0-9]?[A-K]$/, 'A row and a letter, such as 12A.')
  .meta({ example: '12A' });

/** Control characters, halves of surrogate pairs, and line and paragraph separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Text that a terminal, a log and PostgreSQL take as it is. */
export const printable = z
  .string()
  .refine((text) => !UNPRINTABLE.test(text), 'Control characters are not allowed.');

/** A line of text from a person: trimmed, and nothing in it that a terminal or a log would obey. */
export function lineOfText(maxLength: number) {
  return printable.trim().min(1).max(maxLength);
}

export const PageLimit = z.coerce.number().pipe(z.int().min(1).max(100)).default(20);

export const Cursor = z
  .string()
  .min(1)
  .max(500)
  .meta({ description: 'The `nextCursor` of the page before.' });

/** A page of a list; `nextCursor` is null on the last one. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), nextCursor: z.string().nullable() });
}
