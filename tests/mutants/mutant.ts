/** One safeguard taken out of the system, and who is to notice. */
export type Mutant = {
  /** The suite that is to fail, and which of its tests are run: all, unless said otherwise. */
  noticedBy: { suite: string; tests?: string };
} & (
  | {
      /** A file of ours in which `text`, found once, becomes `becomes`. */
      file: string;
      text: string;
      becomes: string;
    }
  /** What is done to the migrated database that all tests copy. */
  | { sql: string }
);

/** The mutants of each guard of a section of the table, by the guard's words there. */
export type GuardedSection = Record<string, Mutant[]>;

/** Takes code out: the text must be in the file exactly once. */
export function code(
  file: string,
  [text, becomes]: [text: string, becomes: string],
  suite: string,
  tests?: string,
): Mutant {
  return { file, text, becomes, noticedBy: noticedBy(suite, tests) };
}

/** Takes a rule out of the database. */
export function database(sql: string, suite: string, tests?: string): Mutant {
  return { sql, noticedBy: noticedBy(suite, tests) };
}

function noticedBy(suite: string, tests?: string): Mutant['noticedBy'] {
  const path = suite.startsWith('src/') ? `${suite}.test.ts` : `tests/${suite}.test.ts`;
  return { suite: path, ...(tests === undefined ? {} : { tests }) };
}

/** More of a statement says no more. */
const SHOWN = 80;

/** Where a mutant is, for people. */
export function placeOf(mutant: Mutant): string {
  if ('file' in mutant) return mutant.file;
  const { sql } = mutant;
  return sql.length <= SHOWN ? sql : `${sql.slice(0, SHOWN)}…`;
}

/**
 * Returns the file's content without the safeguard.
 *
 * @throws when its text is not there exactly once: the code has changed, and the mutant with it.
 */
export function mutated(
  source: string,
  { file, text, becomes }: Extract<Mutant, { file: string }>,
) {
  const parts = source.split(text);
  if (parts.length !== 2)
    throw new Error(`${file} has this ${parts.length - 1} times, not once: ${text}`);
  return parts.join(becomes);
}
