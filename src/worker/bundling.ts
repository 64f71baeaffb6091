import { WORKFLOW_INTERCEPTORS_PATH } from '../telemetry/tracing/tracing';
import { BUNDLED_CONVERTERS } from '../temporal/encryption/data-converter';
import { RESERVED_NAMES_PATH } from '../temporal/reserved-names-path';

/** Must be loaded before all others: what workflows share is frozen once it is loaded. */
export const STACK_TRACES_PATH = require.resolve('../workflows/shared/stack-traces');

/**
 * How workflows are bundled, by the build, by a worker that has no bundle, and by tests.
 *
 * All modules are loaded once for a worker, and shared by its workflows. Otherwise each workflow
 * would load its own copy of all of them when it starts, and keep it in memory. So they may keep
 * nothing of one workflow in themselves: see `tests/rules/shared-modules`.
 */
export function bundling(workflowsPath: string) {
  const workflowInterceptorModules = [WORKFLOW_INTERCEPTORS_PATH, RESERVED_NAMES_PATH];
  return {
    workflowsPath,
    ...BUNDLED_CONVERTERS,
    workflowInterceptorModules,
    preloadModules: [
      STACK_TRACES_PATH,
      ...Object.values(BUNDLED_CONVERTERS),
      ...workflowInterceptorModules,
      workflowsPath,
    ],
  };
}
