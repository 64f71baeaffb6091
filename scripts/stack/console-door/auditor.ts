import type { Place } from './check-books';
import type { AuditorLight } from './contract';

/** How soon after the end of a check the next look begins another. */
const GOOD_FOR_MS = 10_000;

/**
 * Returns the auditor's light. A look at it begins a check of the books, one at a time, which takes
 * some seconds; until it ends, the light is that of the last one. While nobody looks it costs
 * nothing.
 */
export function createAuditorLight(place: Place): () => AuditorLight {
  let light: AuditorLight = { status: 'unknown', findings: 0, at: null };
  let nextAt = 0;
  return () => {
    if (Date.now() >= nextAt) {
      nextAt = Infinity;
      void checkOnce(place).then((found) => {
        light = found;
        nextAt = Date.now() + GOOD_FOR_MS;
      });
    }
    return light;
  };
}

/** What it takes is loaded when somebody looks: nobody waits for it when the stack starts. */
async function checkOnce(place: Place): Promise<AuditorLight> {
  const { checkBooks } = await import('./check-books.ts');
  return await checkBooks(place);
}
