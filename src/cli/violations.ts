import type { Violation } from '../temporal/contracts/reconciliation';

/**
 * Describes what an audit found, a line for each violated invariant; `isWhole` when all were
 * checked.
 */
export function describeViolations(violations: readonly Violation[], isWhole = true): string {
  if (violations.length === 0)
    return isWhole ? 'All books agree.' : 'What could be checked breaks no rule.';
  return violations
    .map(
      ({ invariant, count, examples }) =>
        `${String(count)} × broken: ${invariant} (${examples.join(', ')})`,
    )
    .join('\n');
}
