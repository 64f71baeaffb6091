import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { joinPassedOver } from './signal-runs';

/** Temporal reserves names that begin like this, but lets anyone send signals with them. */
const RESERVED_PREFIX = '__temporal_';

/** The name that such a signal gets instead, which no workflow knows either. */
const OUT_OF_THE_WAY = 'reserved-name';

/**
 * Renames signals of reserved names before the SDK sees them. Where a workflow takes unknown
 * signals, the SDK throws at such a name, which fails the workflow task for ever. Also joins
 * signals that come by the thousand and will be passed over.
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
