/** What an operator says who has something tried again at once. */
export interface Retry {
  /** The operator's ID. */
  requestedBy: string;
  /** Why. The booking's history keeps both, for operators alone. */
  note: string;
}

/**
 * A retry with the ID of the message that brought it: an activity that is repeated knows it again.
 */
export interface SignedRetry extends Retry {
  messageId: string;
}

/**
 * What a message to a workflow is known by for good: by a Reset, too, which brings the workflow's
 * messages again.
 */
export function messageIdOf(workflowId: string, updateId: string): string {
  return `${workflowId}/${updateId}`;
}
