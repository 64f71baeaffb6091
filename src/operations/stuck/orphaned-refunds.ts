import { pageLongOpenRefunds } from '../../db/audit/stuck-view';
import { createWorkflowLookup } from '../../temporal/clients/workflow-lookup';
import type { System } from './case';

/** More than anyone reads at once. One reconciliation takes up all of them. */
const AT_MOST = 200;

/**
 * Finds refunds that have been open for long with no workflow that handles them, as that is named.
 * Reads all open refunds, however many wait for an operator.
 */
export async function findOrphanedRefunds({
  db,
  client,
}: Pick<System, 'db' | 'client'>): Promise<Set<string>> {
  const workflows = createWorkflowLookup(client);
  const running = new Set<string>();
  for await (const key of workflows.refunding()) running.add(key);
  const orphaned = new Set<string>();
  for await (const page of pageLongOpenRefunds(db))
    for (const key of page) {
      if (running.has(key)) continue;
      // The index is a second behind: a workflow that it lacks may have started.
      if (!(await workflows.isRefunding(key))) orphaned.add(key);
      if (orphaned.size >= AT_MOST) return orphaned;
    }
  return orphaned;
}
