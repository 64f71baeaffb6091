import { buttons, facts, operatorText, readOn, type OperatorText } from './operator-text';

/** The text of the workflow that takes outgoing events, started by its schedule. */
export const OUTGOING_EVENTS_TEXT: OperatorText = operatorText(
  'Takes events of bookings that webhook endpoints are to get',
  '**Outgoing events**: takes what happened to bookings, creates a delivery for each webhook endpoint of their owners, and announces it to the workflow of that endpoint. It runs for ever.',
  '**What you may do**: nothing is needed, and it takes no updates.',
  buttons({
    cancel: 'ends it; its schedule starts it again within a minute. No event is lost.',
    terminate: 'has the same effect.',
    reset: 'runs its activity again: an event is taken once.',
  }),
  readOn('npm run flights -- stuck'),
);

/** Returns the text of the workflow that delivers to one endpoint. */
export function webhookEndpointText(endpointId: string): OperatorText {
  return operatorText(
    'Delivers events to a webhook endpoint',
    '**Webhook endpoint**: sends a shop the events of its bookings, at most 5 at once, and again after failures for 72 hours. It ends when nothing is left, and is started again by the next event.',
    facts({ Endpoint: `\`${endpointId}\`` }),
    '**What you may do**: nothing is needed, and it takes no updates. The endpoint belongs to its owner, who sees each attempt in its deliveries.',
    buttons({
      cancel: 'ends it; what is due is announced again within a minute.',
      terminate: 'has the same effect.',
      reset: 'sends again what is due; receivers recognize a repetition by `webhook-id`.',
    }),
    readOn('npm run flights -- stuck'),
  );
}
