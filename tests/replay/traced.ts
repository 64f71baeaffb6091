import { defaultPayloadConverter } from '@temporalio/common';

/** The events by which others start a workflow or tell it something, as far as their headers go. */
interface History {
  events: {
    workflowExecutionStartedEventAttributes?: Message;
    workflowExecutionSignaledEventAttributes?: Message;
    workflowExecutionUpdateAcceptedEventAttributes?: { acceptedRequest: { input: Message } };
  }[];
}

interface Message {
  header?: object;
}

/**
 * The history of the same workflow, had those who started it and told it something traced what they
 * do.
 */
export function traced(traceparent: string) {
  const fields = { '_tracer-data': defaultPayloadConverter.toPayload({ traceparent }) };
  return (history: unknown): unknown => {
    for (const event of (history as History).events) {
      for (const message of [
        event.workflowExecutionStartedEventAttributes,
        event.workflowExecutionSignaledEventAttributes,
        event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest.input,
      ]) {
        if (message !== undefined) message.header = { fields };
      }
    }
    return history;
  };
}
