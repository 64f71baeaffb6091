import { hasUnseenCharacters } from './visible-text';

/** An accent or a vowel sign with no letter before it. */
const LONE_MARK = /(?<![\p{L}\p{M}\p{N}\u200c\u200d])\p{M}/u;

/**
 * Returns what is wrong with a person's name; undefined if nothing is. Names of any script are
 * valid, with apostrophes, hyphens, dots, blanks and digits. They must have a letter, and no
 * invisible characters.
 */
export function findNameFault(name: string): string | undefined {
  if (hasUnseenCharacters(name))
    return 'Control, invisible and direction-changing characters are not allowed.';
  if (!/\p{L}/u.test(name)) return 'A name has at least one letter.';
  if (LONE_MARK.test(name)) return 'An accent or a vowel sign belongs to a letter.';
  return undefined;
}
