import type { GuardedSection } from '../mutant';
import { BOOKS } from './books';
import { DECISIONS } from './decisions';
import { ADMISSION_AND_CONNECTIONS, EDGE, EDGE_OF_IDEMPOTENCY } from './edge';
import { JOURNEYS } from './journeys';
import { MESSAGES } from './messages';
import { MONEY } from './money';
import { OUTWARD } from './outward';
import { PASSENGERS } from './passengers';
import { RESERVATIONS_OF_SEATS } from './reservations';
import { RULES } from './rules';

/** The mutants of each row of the table of guards, by its section and its words. */
export const GUARDS: Record<string, GuardedSection> = {
  ...DECISIONS,
  ...RESERVATIONS_OF_SEATS,
  ...RULES,
  idempotency: { ...RULES.idempotency, ...EDGE_OF_IDEMPOTENCY },
  ...MONEY,
  ...MESSAGES,
  ...EDGE,
  'the books': { ...BOOKS, ...ADMISSION_AND_CONNECTIONS },
  ...JOURNEYS,
  'passengers and erasure': PASSENGERS,
  ...OUTWARD,
};
