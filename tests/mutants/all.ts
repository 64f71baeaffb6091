import { GUARDS } from './guards';
import type { Mutant } from './mutant';

export interface NamedMutant {
  /** The section and the words of its guard, with a number where it has several. */
  name: string;
  section: string;
  guard: string;
  mutant: Mutant;
}

export function namedMutants(): NamedMutant[] {
  return Object.entries(GUARDS).flatMap(([section, guards]) =>
    Object.entries(guards).flatMap(([guard, mutants]) =>
      mutants.map((mutant, index) => {
        const number = mutants.length === 1 ? '' : ` (${index + 1})`;
        return { name: `${section}: ${guard}${number}`, section, guard, mutant };
      }),
    ),
  );
}
