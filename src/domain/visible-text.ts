/**
 * Which characters of a text are visible. Invisible ones can make two texts look alike, hide a part
 * of one, or reverse the direction in which the rest is read.
 */

/**
 * Invisible characters and stand-ins for unreadable ones:
 *
 * - control, format and bidirectional characters, halves of surrogate pairs, private use and
 *   unassigned ones (\p{C});
 * - line and paragraph separators;
 * - what Unicode itself calls ignorable, such as variation selectors, tags and Hangul fillers;
 * - an empty Braille cell, and replacement characters for what could not be read.
 */
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufffc\ufffd]/u;

/** Any blank but a space, a no-break space, and the wide space of East Asian scripts. */
const OTHER_BLANK = /[^\P{Zs}\u0020\u00a0\u3000]/u;

/** Scripts whose letters change shape beside a joiner (U+200D) or a non-joiner (U+200C). */
const JOINING_SCRIPTS = [
  ...['Arab', 'Syrc', 'Nkoo', 'Mand', 'Mong', 'Phag', 'Adlm', 'Rohg', 'Mani', 'Sogd'],
  ...['Deva', 'Beng', 'Guru', 'Gujr', 'Orya', 'Taml', 'Telu', 'Knda', 'Mlym', 'Sinh'],
  ...['Mymr', 'Khmr', 'Tibt', 'Bali', 'Java', 'Newa', 'Tirh', 'Gran', 'Cakm', 'Limb'],
];

const letter = `(?=[\\p{L}\\p{M}])[${JOINING_SCRIPTS.map((name) => `\\p{scx=${name}}`).join('')}]`;

/**
 * Signs that silence a letter's vowel (canonical combining class 9): after them RFC 5892 allows
 * joiners anywhere.
 */
const VIRAMA =
  '[\\u094d\\u09cd\\u0a4d\\u0acd\\u0b4d\\u0bcd\\u0c4d\\u0ccd\\u0d4d\\u0dca\\u1039\\u17d2]';

const JOINER = '[\\u200c\\u200d]';

const NEEDED_JOINER = new RegExp(
  `${JOINER}(?:(?<=${VIRAMA}${JOINER})|(?<=${letter}${JOINER})(?=${letter}))`,
  'gu',
);

/** Whether a text has invisible characters. Joiners count only where no script needs them. */
export function hasUnseenCharacters(text: string): boolean {
  const plain = text.replace(NEEDED_JOINER, '');
  return UNSEEN.test(plain) || OTHER_BLANK.test(plain);
}
