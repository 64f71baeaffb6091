import { defineSearchAttributeKey } from '@temporalio/common';
import type { Stuck, System } from './case';

/**
 * An idle worker polls again after a minute. Half a minute more is for a busy server, and for a
 * worker that is restarting. Temporal remembers pollers for five minutes.
 */
const SILENT_MS = 90_000;

const BUILD = defineSearchAttributeKey('TemporalWorkerDeploymentVersion', 'KEYWORD');
const PINNED = "ExecutionStatus = 'Running' AND TemporalWorkflowVersioningBehavior = 'Pinned'";

type Parts = Pick<System, 'client' | 'taskQueue'>;

/** Workflows that are pinned to a build, and the oldest of them. */
interface Deserted {
  count: number;
  oldest: { workflowId: string; startTime: Date };
}

/**
 * Returns builds without workers that workflows are pinned to, since no other worker may run those.
 * One finding per build, however many workflows it has.
 */
export async function findBuildsWithoutWorkers(system: Parts, now: Date): Promise<Stuck[]> {
  const deserted = new Map<string, Deserted>();
  const query = `${PINNED} AND ${await onOtherBuilds(system, now)}`;
  for await (const execution of system.client.workflow.list({ query })) {
    const build = execution.typedSearchAttributes.get(BUILD) ?? '';
    const { count, oldest } = deserted.get(build) ?? { count: 0, oldest: execution };
    const isOlder = execution.startTime < oldest.startTime;
    deserted.set(build, { count: count + 1, oldest: isOlder ? execution : oldest });
  }
  return [...deserted].map(aboutBuild);
}

/** Returns the query for workflows that no running worker serves. */
async function onOtherBuilds(system: Parts, now: Date): Promise<string> {
  const onOurQueue = `TaskQueue = '${system.taskQueue}'`;
  const served = await listServedBuilds(system, now);
  if (served.length === 0) return onOurQueue;
  return `${onOurQueue} AND ${BUILD.name} NOT IN (${served.map((build) => `'${build}'`).join(', ')})`;
}

/**
 * Returns the builds whose workers are polling, in the search index's form: deployment and build
 * ID.
 */
async function listServedBuilds({ client, taskQueue }: Parts, now: Date): Promise<string[]> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
  });
  const asking = pollers.filter(({ lastAccessTime }) => {
    const askedAtMs =
      Number(lastAccessTime?.seconds ?? 0) * 1000 + (lastAccessTime?.nanos ?? 0) / 1_000_000;
    return now.getTime() - askedAtMs < SILENT_MS;
  });
  const builds = asking.flatMap(({ deploymentOptions }) => {
    const { deploymentName, buildId } = deploymentOptions ?? {};
    return deploymentName && buildId ? [`${deploymentName}:${buildId}`] : [];
  });
  return [...new Set(builds)];
}

function aboutBuild([build, { count, oldest }]: [string, Deserted]): Stuck {
  const query = `${PINNED} AND ${BUILD.name} = '${build}'`;
  return {
    kind: 'build_without_workers',
    what: build,
    workflowId: oldest.workflowId,
    bookingId: null,
    paymentId: null,
    since: oldest.startTime.toISOString(),
    detail: `${String(count)} running workflows are pinned to this build, and none of its workers polls; the oldest is`,
    todo:
      'Start workers of this build again. Or, once npm run flights -- gate --pinned has passed, ' +
      'move them to the current one: ' +
      `temporal workflow update-options --query "${query}" --versioning-override-behavior auto_upgrade`,
  };
}
