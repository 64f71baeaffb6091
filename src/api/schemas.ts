import { z } from 'zod';
import { CABINS } from '../domain/cabin';
import { PASSENGER_TYPES } from '../domain/passenger';
import { SCHEDULE_CHANGE_KINDS } from '../domain/schedule-change';

/** Shapes that several routes share. */

export const Instant = z.iso
  .datetime({ precision: 3 })
  .meta({ id: 'Instant', description: 'UTC, ISO 8601.', example: '2026-11-23T10:15:00.000Z' });

/** Whether PostgreSQL knows the year: there was no year 0, though ISO 8601 has it. */
export function isKnownYear(date: string): boolean {
  return !date.startsWith('0000');
}

/** An ID that we made. */
export const Id = z.uuid().meta({ id: 'Id', description: 'A UUID, in small letters.' });

/** One of our IDs as a client may write it: in any case. */
export const GivenId = z
  .uuid()
  .toLowerCase()
  .meta({ id: 'GivenId', description: 'A UUID, in capital or small letters.' });

export const CurrencyCode = z
  .string()
  .regex(/^[A-Z]{3}$/, 'An ISO 4217 code: three capital letters.')
  .meta({ id: 'Currency', description: 'ISO 4217.', example: 'USD' });

/**
 * Up to ten billion of a major unit: far above any booking, and far below the largest exact
 * integer.
 */
const MAX_AMOUNT = 1_000_000_000_000;

const MINOR_UNIT = "A whole number of the currency's minor unit: cents, where there are cents.";

/** Money in a request. */
export const Amount = z
  .int()
  .min(1)
  .max(MAX_AMOUNT)
  .meta({ id: 'Amount', description: MINOR_UNIT, example: 12_345 });

/** The same, where zero is allowed. */
export const AmountOrNothing = z
  .int()
  .min(0)
  .max(MAX_AMOUNT)
  .meta({ id: 'AmountOrNothing', description: MINOR_UNIT, example: 0 });

/** Money in a response. */
export const MinorUnits = z
  .int()
  .min(0)
  .meta({ id: 'MinorUnits', description: MINOR_UNIT, example: 12_345 });

export const Money = z
  .object({ amount: MinorUnits, currency: CurrencyCode })
  .meta({ id: 'Money', description: 'An amount, and its currency.' });

export const CabinName = z.enum(CABINS).meta({
  id: 'Cabin',
  description: 'From the cheapest to the dearest.',
});

export const ScheduleChangeKind = z.enum(SCHEDULE_CHANGE_KINDS).meta({
  id: 'ScheduleChangeKind',
  description: 'The airline cancels a flight, or moves it to other times.',
});

export const PassengerTypeName = z.enum(PASSENGER_TYPES).meta({
  id: 'PassengerType',
  description:
    '`adult`: 12 years or older. `child`: 2 to 11, a seat and the price of an adult. ' +
    "`infant`: under 2, on an adult's lap, without a seat, for 10 % of the base fare.",
});

export const Airport = z
  .object({
    iata: z.string().meta({ description: 'IATA code.', example: 'EWR' }),
    name: z.string(),
    timeZone: z.string().meta({ description: 'IANA name.', example: 'America/New_York' }),
  })
  .meta({ id: 'Airport', description: 'Where a flight departs or arrives.' });

/** A whole number in a query, which is text. */
export function wholeNumber(min: number, max: number) {
  return z.coerce.number().int().min(min).max(max);
}

export const PlaceCode = z
  .string()
  .regex(/^[A-Z]{3}$/, 'An IATA code: three capital letters.')
  .meta({
    id: 'PlaceCode',
    description: 'IATA code of an airport, or of a metropolitan area: `NYC` is EWR, JFK and LGA.',
    example: 'EWR',
  });

export const SeatNumber = z
  .string()
  .regex(/^[1-9][0-9]?[A-K]$/, 'A row and a letter, such as 12A.')
  .meta({ id: 'SeatNumber', description: 'A row and a letter.', example: '12A' });

/** Control characters, halves of surrogate pairs, and line and paragraph separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Text that a terminal, a log and PostgreSQL accept unchanged. */
export const printable = z
  .string()
  .refine((text) => !UNPRINTABLE.test(text), 'Control characters are not allowed.');

/**
 * A line of text from a person: trimmed, and without characters that control a terminal or a log.
 */
export function lineOfText(maxLength: number) {
  return printable.trim().min(1).max(maxLength);
}

export const PageLimit = wholeNumber(1, 100)
  .default(20)
  .meta({ description: 'The most that one page holds.' });

export const Cursor = z
  .string()
  .min(1)
  .max(500)
  .optional()
  .meta({ description: 'The `nextCursor` of the page before.' });

/** A page of a list; `nextCursor` is null on the last one. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), nextCursor: z.string().nullable() });
}
