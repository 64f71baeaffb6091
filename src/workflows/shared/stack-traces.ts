/**
 * How many frames of a stack the errors of workflows show: where one was made, and by which two
 * callers.
 *
 * The SDK makes an error for each promise of a workflow, to know its stack, and translates each
 * frame of it by the source map. With V8's default of ten frames that took a third of the CPU time
 * of a workflow's steps.
 */
Error.stackTraceLimit = 3;
