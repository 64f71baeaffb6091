import { CancellationScope, patched } from '@temporalio/workflow';
import { retryPayment, type BookingState } from '../../../temporal/contracts/booking';
import type { Retry } from '../../../temporal/contracts/retries';
import { requireRetry } from '../../messages/operator-updates';
import { receiveUpdate } from '../../messages/receive';
import { refuse } from '../../messages/refuse';
import { sign } from '../../messages/sign';
import { concurrentDatabase } from '../../shared/activities';
import type { CardAttempt } from '../card-attempt';
import type { BookingStateMachine } from '../state-machine';

/** Lets operators have the provider asked at once about the payment under way. */
export function receiveRetries(booking: BookingStateMachine): void {
  receiveUpdate(retryPayment, {
    takes: 1,
    validator: (retry: Retry) => {
      requireRetry('retryPayment', retry);
      requireAttempt(booking);
    },
    description:
      'Asks the payment provider now about the card payment under way, instead of at the next automatic retry. Takes { requestedBy, note }: your ID, and why.',
    handle: (retry) => {
      const attempt = requireAttempt(booking);
      return CancellationScope.nonCancellable(() => askAgain(booking, attempt, retry));
    },
  });
}

/** @throws ApplicationFailure unless a card payment is being made. */
function requireAttempt({ cardAttempt }: BookingStateMachine): CardAttempt {
  return (
    cardAttempt ??
    refuse(
      'validation_failed',
      'No card payment of this booking is being made: there is nothing to ask the payment provider about.',
    )
  );
}

/** The mark of retries that leave alone what has begun after they came. */
const LEAVES_LATER_CALLS = 'retries-leave-later-calls';

/**
 * Who and why are recorded first, so that no action is without an author. A call of the provider
 * that has begun meanwhile is what the operator wants. It is not ended: a local activity may lead
 * to it, whose result a replay gets before the record's, although that had come first.
 */
async function askAgain(
  booking: BookingStateMachine,
  attempt: CardAttempt,
  retry: Retry,
): Promise<BookingState> {
  const begunBefore = patched(LEAVES_LATER_CALLS) ? attempt.callsBegun : undefined;
  await concurrentDatabase.notePaymentRetry(booking.request.bookingId, sign(retry));
  const isCalledMeanwhile = begunBefore !== undefined && attempt.callsBegun > begunBefore;
  booking.retry(attempt, retry, isCalledMeanwhile);
  return booking.state();
}
