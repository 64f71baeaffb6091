import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  log,
  workflowInfo,
} from '@temporalio/workflow';
import type { CancellationReason } from '../domain/booking';
import type { RefusalCode } from '../domain/refusal';
import { salesCloseAt } from '../domain/sales';
import type {
  BookingOutcome,
  BookingRequest,
  CardPayment,
  ReservationResult,
} from '../temporal/contracts';
import { BookingDesk, type CardAttempt, type ForeignAttempt } from './booking-desk';
import { receiveMessages } from './messages';
import { requireBooking } from './messages/shapes';
import { askProvider, database, reserveSeats } from './steps';
import { PATIENCE_FOR_UNDOING_MS, undoSale } from './undo-sale';

/**
 * Sells one booking: holds its seats, waits for one decision (a payment, a cancellation, or the deadline), and carries it out. However it ends, the
 * seats are either sold and paid for, or back on sale.
 */
export async function bookingWorkflow(request: BookingRequest): Promise<BookingOutcome> {
  requireBooking(request);
  const desk = new BookingDesk(request);
  receiveMessages(desk);
  // Temporal's own Cancel comes as a message: nothing below is cut short by it.
  return CancellationScope.nonCancellable(async () => {
    desk.announce(await reserve(request));
    while (desk.isOpen) {
      const decision = await desk.nextDecision();
      switch (decision.kind) {
        case 'pay':
          await takePayment(desk, decision.attempt);
          break;
        case 'paid_elsewhere':
          await acceptForeignPayment(desk, decision.attempt);
          break;
        case 'cancel':
          await cancel(desk, decision.reason, decision.actor, decision.note);
          break;
      }
    }
    const { status, lateCancellation } = desk;
    if (status === 'booked' && lateCancellation !== undefined)
      await undoSale(desk, lateCancellation);
    return desk.close();
  });
}

/** Claims the seats. When that can't be done at all, whatever a lost try may have claimed is given back. */
async function reserve(request: BookingRequest): Promise<ReservationResult> {
  const requestedAt = workflowInfo().startTime.toISOString();
  try {
    return await reserveSeats(request, { requestedAt, heldAt: new Date().toISOString() });
  } catch (failure) {
    if (refusalOf(failure) !== undefined) throw failure;
    const cancellation = { reason: 'reservation_failed', actor: 'system', requestedAt } as const;
    await database.releaseSeats(request, cancellation);
    return { outcome: 'failed', fingerprint: request.fingerprint };
  }
}

/**
 * Charges the card and sells the seats. A declined card leaves the hold as it was, until its deadline; so does a cancellation that comes before the
 * money is taken, and then cancels.
 */
async function takePayment(desk: BookingDesk, attempt: CardAttempt): Promise<void> {
  const { payment } = attempt;
  try {
    await start(desk, payment);
  } catch (failure) {
    desk.refusePayment(attempt, refusalOf(failure) ?? ApplicationFailure.fromError(failure));
    return;
  }
  try {
    const authorization = await askProvider(timeUntilSalesClose(desk)).authorizePayment(payment);
    if (authorization.status === 'declined') {
      desk.declinePayment(
        attempt,
        await database.recordDecline(payment, authorization.declineCode),
      );
      return;
    }
    if (desk.lateCancellation !== undefined) {
      await askProvider(PATIENCE_FOR_UNDOING_MS).reversePayment(payment, 'operator_request');
      desk.refusePayment(attempt, notPayable('The booking is being cancelled.'));
      return;
    }
    await askProvider(timeUntilSalesClose(desk)).capturePayment(authorization.providerPaymentId);
  } catch (failure) {
    await abandonPayment(desk, attempt, failure);
    return;
  }
  desk.book(attempt, await database.confirmBooking(payment));
}

/** Puts the payment on record. One that a worker put there before it died, unheard of by this workflow, makes way for it. */
async function start(desk: BookingDesk, payment: CardPayment): Promise<void> {
  try {
    await database.startPayment(payment);
  } catch (failure) {
    const code: RefusalCode = 'payment_in_progress';
    if (refusalOf(failure)?.type !== code) throw failure;
    await askProvider(timeUntilSalesClose(desk)).clearForgottenPayments(payment);
    await database.startPayment(payment);
  }
}

/** The provider stayed silent until sales closed: what it may have done is undone, and the booking ends. */
async function abandonPayment(
  desk: BookingDesk,
  attempt: CardAttempt,
  failure: unknown,
): Promise<void> {
  log.error('The payment provider gave no answer until sales closed', { failure: String(failure) });
  try {
    await askProvider(PATIENCE_FOR_UNDOING_MS).reversePayment(
      attempt.payment,
      'provider_unavailable',
    );
  } catch {
    log.error('What became of the payment is unknown: ask the provider', {
      payment: attempt.payment.paymentId,
    });
  }
  await cancel(desk, 'reservation_failed', 'system');
  const message = 'The payment could not be completed in time; the booking is cancelled.';
  desk.refusePayment(attempt, notPayable(message));
}

function notPayable(detail: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(detail, 'booking_not_payable' satisfies RefusalCode);
}

/** At least this long is the provider asked, also when a payment came just before sales closed. */
const PATIENCE_AT_LEAST_MS = 60 * 1000;

function timeUntilSalesClose({ hold }: BookingDesk): number {
  const salesClose = salesCloseAt(new Date(hold.flight.departureAt));
  return Math.max(PATIENCE_AT_LEAST_MS, salesClose.getTime() - Date.now());
}

async function acceptForeignPayment(desk: BookingDesk, attempt: ForeignAttempt): Promise<void> {
  const isOurs = await database.confirmExternallyPaidBooking(attempt.payment);
  if (isOurs) desk.bookExternally(attempt);
  else desk.turnDown(attempt);
}

async function cancel(
  desk: BookingDesk,
  reason: CancellationReason,
  actor: string,
  note?: string,
): Promise<void> {
  const requestedAt = workflowInfo().startTime.toISOString();
  const cancellation = { reason, actor, requestedAt, ...(note === undefined ? {} : { note }) };
  desk.cancel(await database.releaseSeats(desk.request, cancellation));
}

/** The "no" that a step answered with, if that is why it failed. */
function refusalOf(failure: unknown): ApplicationFailure | undefined {
  // A local activity's failure comes as it is, another one's wrapped.
  const cause = failure instanceof ActivityFailure ? failure.cause : failure;
  return cause instanceof ApplicationFailure && cause.nonRetryable === true ? cause : undefined;
}
