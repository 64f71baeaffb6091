import { CancellationScope } from '@temporalio/workflow';
import type { RefusalCode } from '../../../domain/refusal';
import { REFUSAL_TEXTS } from '../../../domain/refusal-texts';
import {
  chooseSeats,
  correctName,
  type AmendmentResult,
  type NameCorrectionRequest,
  type SeatChoiceRequest,
} from '../../../temporal/contracts/amendment';
import { requireNameCorrection, requireSeatChoice } from '../../messages/amendment-shapes';
import { receiveUpdate } from '../../messages/receive';
import { checkAccepted, refuse } from '../../messages/refuse';
import { amendmentDatabase } from '../../shared/activities';
import { Amendment } from '../amendment';
import type { BookingStateMachine } from '../state-machine';

/** Accepts corrections of names and choices of seats, of a booking that has seats. */
export function receiveAmendments(booking: BookingStateMachine): void {
  const { bookingId } = booking.request;
  receiveUpdate(correctName, {
    takes: 1,
    validator: (request: NameCorrectionRequest) => {
      requireNameCorrection(request);
      admit(booking, request, 'name_change_refused');
    },
    description:
      'Not for people: sent by our API. Corrects the name of a passenger. Takes { passengerId, requestedBy, asOperator, fingerprint, idempotencyKey?, givenName?, familyName? }.',
    handle: (request) =>
      answer(booking, request, 'name_change_refused', (author) => {
        const carryOut = () =>
          amendmentDatabase.correctName(bookingId, request, new Date().toISOString());
        return new Amendment(`${author} corrects a name.`, carryOut);
      }),
  });
  receiveUpdate(chooseSeats, {
    takes: 1,
    validator: (request: SeatChoiceRequest) => {
      requireSeatChoice(request);
      admit(booking, request, 'booking_not_changeable');
    },
    description:
      'Not for people: sent by our API. Moves passengers to other seats of their cabin. Takes { seats: [{ passengerId, flightId, seatNumber }], requestedBy, asOperator, fingerprint, idempotencyKey? }.',
    handle: (request) =>
      answer(booking, request, 'booking_not_changeable', (author) => {
        const carryOut = () =>
          amendmentDatabase.chooseSeats(bookingId, request, new Date().toISOString());
        return new Amendment(`${author} moves passengers to other seats.`, carryOut);
      }),
  });
}

type Request = NameCorrectionRequest | SeatChoiceRequest;

/** What a booking says that can't be amended any more. */
type Closed = Extract<RefusalCode, 'name_change_refused' | 'booking_not_changeable'>;

/**
 * A request may come before the workflow knows what it is about: a run that was restored reads that
 * first. Then the request waits.
 */
function admit(
  booking: BookingStateMachine,
  { asOperator, requestedBy }: Request,
  closed: Closed,
): void {
  if (!asOperator && requestedBy !== booking.request.customerId)
    refuse('booking_not_found', REFUSAL_TEXTS.noSuchBooking);
  if (booking.reservation !== undefined) requireAmendable(booking, closed);
}

/** @throws ApplicationFailure when the booking can't be amended, or not now. */
function requireAmendable(booking: BookingStateMachine, closed: Closed): void {
  const { business, status } = booking;
  switch (business?.kind) {
    case 'change':
      return refuse('change_in_progress', REFUSAL_TEXTS.changeInProgress);
    case 'pay':
    case 'external_payment':
      return refuse('payment_in_progress', REFUSAL_TEXTS.paymentInProgress);
    case 'cancel':
    case undefined:
      break;
    default:
      throw new Error(`Bug: ${String(business satisfies never)} is no decision`);
  }
  const isOpen = booking.isOpen ? status === 'pending' : status === 'booked' && booking.staysOpen;
  if (business !== undefined || !isOpen || booking.isEnding) refuseForGood(closed);
}

function refuseForGood(closed: Closed): never {
  const isName = closed === 'name_change_refused';
  return refuse(closed, isName ? REFUSAL_TEXTS.tooLateForNames : REFUSAL_TEXTS.hasNoSeats);
}

/** No await comes between the last check and the decision: no message is handled there. */
async function answer(
  booking: BookingStateMachine,
  request: Request,
  closed: Closed,
  amendmentBy: (author: string) => Amendment,
): Promise<AmendmentResult> {
  return CancellationScope.nonCancellable(async () => {
    if (booking.reservation === undefined) {
      await booking.reserved.promise;
      checkAccepted(() => {
        requireAmendable(booking, closed);
      });
    }
    const { asOperator, requestedBy, fingerprint } = request;
    const amendment = amendmentBy(asOperator ? `Operator ${requestedBy}` : 'The customer');
    booking.decide({ kind: 'amend', amendment });
    const isOver = () => booking.status === 'cancelled' || booking.isEnding;
    const amended = await amendment.toldToCaller(isOver);
    return amended === undefined ? refuseForGood(closed) : { fingerprint, booking: amended };
  });
}
