/**
 * How long a workflow's code may run at a stretch, by the clock. The SDK's five seconds are too few
 * for thousands of messages that come in one task to a worker whose machine is busy: running out
 * of them ends the whole process ("async hook stack has become corrupted"), and with it all other
 * workflows' tasks. Code that never ends is still stopped, after this.
 *
 * The SDK takes the option without having it in its types.
 */
export const SANDBOX = { isolateExecutionTimeout: '60s' } as const;
