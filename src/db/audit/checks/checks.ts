import type { BatchKind, Check } from './check';
import { OF_ANSWERS } from './of-answers';
import { OF_OPEN_BUSINESS } from './of-open-business';
import { OF_PAYMENTS } from './of-payments';
import { OF_PROVIDER } from './of-provider';
import { OF_SALES } from './of-sales';
import { OF_SCHEDULE_CHANGES } from './of-schedule-changes';
import { OF_SEATS } from './of-seats';

export const CHECKS: readonly Check[] = [
  ...OF_SEATS,
  ...OF_SALES,
  ...OF_SCHEDULE_CHANGES,
  ...OF_PAYMENTS,
  ...OF_PROVIDER,
  ...OF_OPEN_BUSINESS,
  ...OF_ANSWERS,
];

/** Returns the checks of one kind of batch. */
export function checksOf(batch: BatchKind): readonly Check[] {
  return CHECKS.filter((check) => check.batch === batch);
}
