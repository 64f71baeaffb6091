import { z } from 'zod';
import { printable } from '../schemas';

const MAX_KEYS = 20;
const MAX_KEY_LENGTH = 40;
const MAX_VALUE_LENGTH = 500;

/**
 * What a client keeps with a booking for itself. In the order of its keys, so that equal requests
 * have equal fingerprints.
 */
export const Metadata = z
  .record(
    z
      .string()
      .regex(/^[\w.:-]+$/, 'Letters, digits and _ . : - only.')
      .max(MAX_KEY_LENGTH),
    printable.max(MAX_VALUE_LENGTH),
  )
  .refine((texts) => Object.keys(texts).length <= MAX_KEYS, `At most ${String(MAX_KEYS)} keys.`)
  .transform((texts) => {
    const entries = Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1));
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  })
  .meta({
    description:
      `Texts of your own, by names of your own: at most ${String(MAX_KEYS)}, of ` +
      `${String(MAX_VALUE_LENGTH)} characters each. We store and echo them, and read none. ` +
      'Put no personal data into it but of this booking: it is erased with those.',
    example: { order: '4711' },
  });
