import { currentUpdateInfo, workflowInfo } from '@temporalio/workflow';
import { messageIdOf, type Retry, type SignedRetry } from '../../temporal/contracts/retries';

/** Adds the ID of the message that is being handled. */
export function sign({ requestedBy, note }: Retry): SignedRetry {
  const updateId = currentUpdateInfo()?.id;
  if (updateId === undefined) throw new Error('Bug: only a message can be signed');
  return { requestedBy, note, messageId: messageIdOf(workflowInfo().workflowId, updateId) };
}
