/** A name as a booking has it; people with one name have no given name. */
export interface FullName {
  givenName: string | null;
  familyName: string;
}

/** What a correction changes: what is left out stays. Null removes the given name. */
export interface NameCorrection {
  givenName?: string | null | undefined;
  familyName?: string | undefined;
}

/** More makes it another person: then the booking would be sold on. */
const MAX_DISTANCE = 3;

const HOUR_MS = 60 * 60 * 1000;

/** So long before the first departure the passenger lists are closed. */
const CLOSES_BEFORE_MS = 2 * HOUR_MS;

/** Returns the name after a correction. */
export function correctedName(
  { givenName, familyName }: FullName,
  correction: NameCorrection,
): FullName {
  return {
    givenName: correction.givenName === undefined ? givenName : correction.givenName,
    familyName: correction.familyName ?? familyName,
  };
}

/** Whether names are equal, letter by letter. */
export function isSameName(one: FullName, other: FullName): boolean {
  return one.givenName === other.givenName && one.familyName === other.familyName;
}

/** Whether names can still be corrected, by the departure of the first flight. */
export function isCorrectableAt(departureAt: Date, at: Date): boolean {
  return at.getTime() < departureAt.getTime() - CLOSES_BEFORE_MS;
}

/**
 * Whether a name is near enough to the one that was booked first. However often it is corrected,
 * that one counts.
 */
export function isNearEnough(first: FullName, corrected: FullName): boolean {
  const distance =
    editDistance(first.givenName ?? '', corrected.givenName ?? '') +
    editDistance(first.familyName, corrected.familyName);
  return distance <= MAX_DISTANCE;
}

const letters = new Intl.Segmenter('und', { granularity: 'grapheme' });

/**
 * Returns how many letters must be put in, left out or replaced to get from one text to another
 * (Levenshtein's distance). A letter is what people see as one: with its accents, and whatever its
 * encoding. https://en.wikipedia.org/wiki/Wagner–Fischer_algorithm
 */
export function editDistance(from: string, to: string): number {
  const [source, target] = [lettersOf(from), lettersOf(to)];
  let previous = Array.from({ length: target.length + 1 }, (_, column) => column);
  for (const [row, letter] of source.entries()) {
    const current = [row + 1];
    for (const [column, other] of target.entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      const leftOut = (previous[column + 1] ?? 0) + 1;
      const putIn = (current[column] ?? 0) + 1;
      current.push(Math.min(replaced, leftOut, putIn));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}

function lettersOf(text: string): string[] {
  return Array.from(letters.segment(text.normalize('NFC')), ({ segment }) => segment);
}
