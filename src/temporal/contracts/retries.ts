/** An operator's request to try something again at once. */
export interface Retry {
  /** The operator's ID. */
  requestedBy: string;
  /** The reason. The booking's events keep both, for operators alone. */
  note: string;
}

/** A retry with the ID of its message, by which a repeated activity recognizes it. */
export interface SignedRetry extends Retry {
  messageId: string;
}

/**
 * Returns the permanent ID of a message to a workflow. It stays the same after a Reset, which
 * replays the workflow's messages.
 */
export function messageIdOf(workflowId: string, updateId: string): string {
  return `${workflowId}/${updateId}`;
}
