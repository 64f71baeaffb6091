import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { joinPassedOver } from './signal-runs';

/** Temporal keeps names with this beginning to itself, and lets anyone send signals of them. */
const RESERVED_PREFIX = '__temporal_';

/** What such a signal is called instead: a name that no workflow knows either. */
const OUT_OF_THE_WAY = 'reserved-name';

/**
 * Renames signals of reserved names before the SDK sees them. It throws at such a signal where a
 * workflow takes unknown ones, which fails the workflow's task for ever. Joins signals that come by
 * the thousand and will be passed over.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  internals: [
    {
      activate: (input, next) => {
        for (const { signalWorkflow } of input.activation.jobs ?? []) {
          if (signalWorkflow?.signalName?.startsWith(RESERVED_PREFIX) === true)
            signalWorkflow.signalName = OUT_OF_THE_WAY;
        }
        input.activation.jobs = joinPassedOver(input.activation.jobs ?? []);
        next(input);
      },
    },
  ],
});
