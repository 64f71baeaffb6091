import type { Booking } from '../../domain/booking';
import { createOperatorActions } from '../../temporal/clients/operator-actions';
import {
  bookingState,
  isAwaitingProvider,
  type BookingState,
} from '../../temporal/contracts/booking';
import type { Retry } from '../../temporal/contracts/retries';
import { CommandFailure } from '../failure';
import type { System } from '../systems';
import { waitUntil } from '../wait';

/** A working provider needs less than this for an authorization and a capture together. */
const PROVIDER_TIMEOUT_MS = 10_000;

/**
 * Has the provider asked again now about the card payment that a booking waits for. Returns the
 * booking's state once the payment is decided, or when the provider has given no result for a
 * while. In the latter case the workflow continues to ask.
 *
 * @throws when no card payment is being made.
 */
export async function retryPayment(
  { client, taskQueue }: System,
  { id, workflowId, reference }: Booking,
  retry: Retry,
): Promise<BookingState> {
  const answer = await createOperatorActions(client, taskQueue).retryPayment(id, retry);
  if (answer.kind !== 'completed')
    throw new CommandFailure(
      answer.kind === 'closed'
        ? `No card payment of ${reference} is being made: it is settled.`
        : 'The booking’s workflow does not respond: is a worker running?',
    );
  const handle = client.workflow.getHandle(workflowId);
  let state = answer.result;
  const giveUpAt = Date.now() + PROVIDER_TIMEOUT_MS;
  const isOver = async () => {
    state = await handle.query(bookingState);
    return !isAwaitingProvider(state) || Date.now() > giveUpAt;
  };
  await waitUntil(isOver, {
    timeoutMs: 2 * PROVIDER_TIMEOUT_MS,
    onTimeout: () => new CommandFailure('The booking’s workflow does not return its state.'),
  });
  return state;
}

/** Describes the state of a booking whose payment was retried. */
export function describeRetried(state: BookingState): string {
  const { reference, status, cancellationReason } = state;
  if (isAwaitingProvider(state))
    return `The provider was asked again about the payment of ${reference}, and has not responded yet.`;
  const stands = [status, cancellationReason ?? ''].join(' ').trim();
  return `The provider has responded: ${reference} is ${stands}.`;
}
