import { z } from 'zod';
import { findNameFault } from '../../domain/person-name';
import { isEmailAddress } from './email-address';

const MAX_NAME_LENGTH = 100;

/**
 * A person's name: stored as written, without blanks around it. Letters with two encodings, such as
 * é, are stored in one (NFC), so that equal requests have equal fingerprints.
 */
export const PersonName = z
  .string()
  .normalize('NFC')
  .superRefine((name, context) => {
    const fault = name.trim() === '' ? undefined : findNameFault(name);
    if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  })
  .trim()
  .min(1)
  .max(MAX_NAME_LENGTH)
  .meta({ example: 'Lovelace' });

/** Null counts as left out: it is what a booking shows of such a passenger. */
export const GivenName = PersonName.nullish()
  .transform((name) => name ?? undefined)
  .meta({ description: 'Left out for people with one name, which is the family name.' });

/** An email address; letters of any script in both its parts. */
export const EmailAddress = z
  .string()
  .normalize('NFC')
  .refine(isEmailAddress, 'This is not an e-mail address.')
  .meta({ format: 'idn-email', description: 'As in RFC 6531.', example: 'ada@example.com' });
