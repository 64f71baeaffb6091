import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Makes this test file's context one in which workflows can run: to be imported before
 * `@temporalio/workflow`. Within a workflow, `Date` tells the workflow's time.
 */
interface WorkflowGlobals {
  AsyncLocalStorage?: unknown;
  __TEMPORAL_ACTIVATOR__?: { now: number } | undefined;
}

const globals = globalThis as WorkflowGlobals;
const RealDate = Date;

class WorkflowDate extends RealDate {
  constructor(...args: [] | [number | string | Date]) {
    super(args.length === 0 ? WorkflowDate.now() : args[0]);
  }

  static override now(): number {
    return globals.__TEMPORAL_ACTIVATOR__?.now ?? RealDate.now();
  }
}

globals.AsyncLocalStorage = AsyncLocalStorage;
globalThis.Date = WorkflowDate as DateConstructor;
