import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { z } from 'zod';
import { findNameFault } from '../../domain/person-name';
import { hasUnseenCharacters } from '../../domain/visible-text';
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

/** How someone is addressed, written as they write it. */
export const Title = visibleLine(20).meta({ example: 'Dr' });

/** A date of birth. */
export const BirthDate = z.iso
  .date()
  .refine((date) => /^(?:19|20|21)/.test(date), 'A date of birth is after 1900.')
  .meta({
    description:
      'Must fit `type` on the day of the last flight, local at its origin. `YYYY-MM-DD`.',
    example: '1985-12-10',
  });

/** A member's number in the airline's loyalty programme. */
export const LoyaltyNumber = z
  .string()
  .regex(/^[A-Za-z0-9-]{2,30}$/, '2 to 30 letters, digits and hyphens.')
  .meta({ example: 'ZZ-1815-1852' });

/** A phone number that can be called, as E.164 writes it. */
export const PhoneNumber = z
  .string()
  .refine(isPhoneNumber, 'This is no phone number in E.164, such as +12125550142.')
  .meta({
    description: 'E.164: `+`, country code and number, without blanks.',
    example: '+12125550142',
  });

/** Whether a number can exist, by the numbering plan of its country. */
function isPhoneNumber(text: string): boolean {
  const number = parsePhoneNumberFromString(text);
  return number?.number === text && number.isValid();
}

/** A short text in visible characters. */
function visibleLine(maxLength: number) {
  return z
    .string()
    .normalize('NFC')
    .refine((text) => !hasUnseenCharacters(text), 'Invisible characters are not allowed.')
    .trim()
    .min(1)
    .max(maxLength);
}

/** An email address; letters of any script in both its parts. */
export const EmailAddress = z
  .string()
  .normalize('NFC')
  .refine(isEmailAddress, 'This is not an e-mail address.')
  .meta({ format: 'idn-email', description: 'As in RFC 6531.', example: 'ada@example.com' });
