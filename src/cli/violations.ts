import type { Violation } from '../temporal/contracts';

/**
 * Tells people what an audit found, a line for each broken rule; `isWhole` when every rule was
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
