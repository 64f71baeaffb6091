import type { Violation } from '../src/temporal/contracts';

/** Tells people what an audit found, a line for each broken rule. */
export function describeViolations(violations: readonly Violation[]): string {
  if (violations.length === 0) return 'All books agree.';
  return violations
    .map(
      ({ invariant, count, examples }) =>
        `${String(count)} × broken: ${invariant} (${examples.join(', ')})`,
    )
    .join('\n');
}
