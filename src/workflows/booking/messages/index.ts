import { CancellationScope, setHandler } from '@temporalio/workflow';
import { bookingState } from '../../../temporal/contracts/booking';
import { passOverUnknownSignals } from '../../messages/passed-over';
import type { BookingStateMachine } from '../state-machine';
import { receiveAmendments } from './amendments';
import { receiveCancellations } from './cancellations';
import { receiveCardPayments } from './card-payments';
import { receiveChanges } from './changes';
import { receiveExternalPayments } from './external-payments';
import { receiveReservationRequests } from './reservation';
import { receiveRetries } from './retries';
import { receiveScheduleChanges } from './schedule-changes';

/**
 * Registers all message handlers of a booking. Must be called before the workflow's first await, so
 * that no message comes before its handler is set. The workflow ends when all handlers have
 * finished.
 */
export function receiveMessages(booking: BookingStateMachine): void {
  receiveReservationRequests(booking);
  receiveCardPayments(booking);
  receiveCancellations(booking);
  receiveChanges(booking);
  receiveAmendments(booking);
  receiveExternalPayments(booking);
  receiveRetries(booking);
  receiveScheduleChanges(booking);
  setHandler(bookingState, () => booking.state(), {
    description: 'Returns the whole state of the booking. Takes nothing.',
  });

  passOverUnknownSignals(booking.timeline);

  // Temporal's own Cancel is one more message.
  CancellationScope.current().cancelRequested.catch(() => {
    booking.decide({ kind: 'cancel', reason: 'operator_request', actor: 'operator' });
  });
}
