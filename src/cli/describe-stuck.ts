import { formatToTheSecond } from '../domain/instant-text';
import type { Stuck } from '../operations/stuck/case';

/** Describes what is stuck, each with what to do about it. */
export function describeStuck(stuck: readonly Stuck[]): string {
  if (stuck.length === 0) return 'Nothing is stuck.';
  return stuck
    .map(
      ({ kind, what, workflowId, since, detail, todo }) =>
        `${kind}  ${what}  since ${formatToTheSecond(since)}\n  ${detail}\n  ${workflowId}\n  → ${todo}`,
    )
    .join('\n\n');
}
