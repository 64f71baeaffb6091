/**
 * How long a workflow's code may run without a pause, in real time. The SDK's five seconds are too
 * few for thousands of messages in one task on a busy machine. Exceeding it ends the whole process
 * ("async hook stack has become corrupted"), and with it all other workflows' tasks. Code that
 * never ends is still stopped, after this time.
 *
 * The SDK accepts the option without declaring it in its types.
 */
export const SANDBOX = { isolateExecutionTimeout: '60s' } as const;
