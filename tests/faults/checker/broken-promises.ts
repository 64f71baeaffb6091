import type { BrokenPromise } from './breaking';
import { BROKEN_MESSAGES } from './broken-messages';
import { BROKEN_MONEY } from './broken-money';
import { BROKEN_OUTCOMES } from './broken-outcomes';
import { BROKEN_TIMES } from './broken-times';

/** Ways to break a promise, at least one for each check. */
export const BROKEN_PROMISES: BrokenPromise[] = [
  ...BROKEN_OUTCOMES,
  ...BROKEN_MONEY,
  ...BROKEN_TIMES,
  ...BROKEN_MESSAGES,
];
