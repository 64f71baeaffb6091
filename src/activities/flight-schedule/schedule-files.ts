import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { z } from 'zod';
import { PACKAGE_ROOT } from '../../package-root';

const Carrier = z.object({ code: z.string(), name: z.string() });
const Airport = z.object({
  iata: z.string(),
  name: z.string(),
  time_zone: z.string(),
  city: z.string(),
  // Empty where there is none.
  metropolitan_area: z.string().transform((code) => (code === '' ? null : code)),
});
const Aircraft = z.object({
  aircraft: z.string(),
  model: z.string(),
  seats: z.coerce.number().int(),
});
const clock = z.string().regex(/^\d\d:\d\d$/);
const Row = z.object({
  weekday: z.coerce.number().int().min(1).max(7),
  carrier: z.string(),
  number: z.coerce.number().int().min(1).max(9999),
  origin: z.string(),
  destination: z.string(),
  departs: clock,
  aircraft: z.string(),
  distance_miles: z.coerce.number().int().min(1),
});
/** A flight of the extract, which has its local times. */
const ExtractedRow = Row.extend({ arrives: clock });
/** A flight that was derived from two of the extract, with how long it takes. */
const DerivedRow = Row.extend({ minutes: z.coerce.number().int().min(1) });

export type ScheduleRow = z.infer<typeof Row>;

/**
 * Reads the files of `data/`.
 *
 * @throws ZodError when they don't have the shape that `data/rebuild.py` gives them.
 */
export function readScheduleFiles() {
  return {
    carriers: read('carriers.csv', Carrier),
    airports: read('airports.csv', Airport),
    aircraft: read('aircraft.csv', Aircraft),
    outbound: read('schedule.csv', ExtractedRow),
    inbound: read('inbound.csv', DerivedRow),
  };
}

function read<Shape extends z.ZodType>(file: string, shape: Shape): z.infer<Shape>[] {
  const records: unknown = parse(readFileSync(path.join(PACKAGE_ROOT, 'data', file)), {
    columns: true,
  });
  return z.array(shape).parse(records);
}
