import type { Payload } from '@temporalio/common';
import type { coresdk } from '@temporalio/proto';
import { isReadable } from './encryption/payload-converter';
import { SIGNALS } from './contracts/external-payment';
import { countWithIt } from './contracts/unreadable';

/** The name that a signal of any unknown name gets, so that all of them count as one kind. */
const UNKNOWN_NAME = 'unknown-name';

/** Fewer jobs at once are not worth checking. */
const MANY = 20;

type Job = coresdk.workflow_activation.IWorkflowActivationJob;

/**
 * Joins signals that a workflow will pass over. Of consecutive ones with the same name, only the
 * first is left, and stands for all.
 *
 * Each signal costs the SDK about a millisecond, most of it for the traces of a dozen promises. A
 * flood comes in one task. Thousands would take longer than a task may, and longer than the SDK
 * lets the sandbox run, which ends the process.
 *
 * Signals that are passed over make no commands. So a replay with other keys, which joins
 * otherwise, takes the same path.
 */
export function joinPassedOver(jobs: Job[]): Job[] {
  if (jobs.length < MANY) return jobs;
  const joined: Job[] = [];
  let run: { name: string; payload: Payload } | undefined;
  for (const job of jobs) {
    const next = findPassedOver(job);
    if (next !== undefined && next.name === run?.name) {
      countWithIt(run.payload);
      continue;
    }
    joined.push(job);
    run = next;
  }
  return joined;
}

/** Returns the name of a signal that will be passed over, and the payload that causes it. */
function findPassedOver({ signalWorkflow: signal }: Job) {
  const name = signal?.signalName;
  if (!signal || !name) return undefined;
  if (!SIGNALS.includes(name)) {
    const payload: Payload = {};
    signal.signalName = UNKNOWN_NAME;
    signal.input = [payload];
    return { name: UNKNOWN_NAME, payload };
  }
  const payload = signal.input?.find((one) => !isReadable(one));
  return payload && { name, payload };
}
