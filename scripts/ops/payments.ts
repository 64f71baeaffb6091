import { randomUUID } from 'node:crypto';
import { executeUpdate } from '../../src/api/bookings/execute-update';
import type { Booking } from '../../src/domain/booking';
import {
  bookingState,
  retryPayment as askAgain,
  type BookingState,
} from '../../src/temporal/contracts';
import type { Retry } from '../../src/temporal/retries';
import { StackFailure } from '../stack/failure';
import { waitUntil } from '../stack/wait';
import type { OpsDesk } from './desk';

/** A provider that works answers sooner: for an authorization and a capture together. */
const PROVIDER_PATIENCE_MS = 10_000;

/**
 * Has the provider asked again now about the card payment that a booking waits for. Answers how the booking stands once the payment is decided, or when
 * the provider has not answered for a while: then it goes on being asked.
 *
 * @throws when no card payment is being made.
 */
export async function retryPayment(
  { client }: OpsDesk,
  { workflowId, reference }: Booking,
  retry: Retry,
): Promise<BookingState> {
  const handle = client.workflow.getHandle(workflowId);
  const question = { args: [retry] as [Retry], updateId: `retry-${randomUUID()}` };
  const answer = await executeUpdate(client, () => handle.executeUpdate(askAgain, question));
  if (answer.kind !== 'completed')
    throw new StackFailure(
      answer.kind === 'closed'
        ? `No card payment of ${reference} is being made: it is settled.`
        : 'The booking has not answered: is a worker running?',
    );
  let state = answer.result;
  const giveUpAt = Date.now() + PROVIDER_PATIENCE_MS;
  const isOver = async () => {
    state = await handle.query(bookingState);
    return state.activity !== 'paying' || Date.now() > giveUpAt;
  };
  await waitUntil(isOver, {
    timeoutMs: 2 * PROVIDER_PATIENCE_MS,
    onTimeout: () => new StackFailure('The booking does not say how it stands.'),
  });
  return state;
}
