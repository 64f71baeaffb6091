import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import {
  canBecome,
  type Booking,
  type BookingStatus,
  type CancellationReason,
} from '../domain/booking';
import { proposeReference } from '../domain/booking-reference';
import { isSameMoney } from '../domain/money';
import { MAX_DECLINES } from '../domain/payment';
import {
  awaitReservation,
  bookingState,
  cancelBooking,
  makePayment,
  paymentReceived,
  type BookingOutcome,
  type BookingRequest,
  type BookingState,
  type CancellationRequest,
  type CardPayment,
  type ExternalPayment,
  type ForeignPayment,
  type PaymentRequest,
  type PaymentResult,
  type ReservationResult,
} from '../temporal/contracts';
import {
  BookingReferenceAttribute,
  BookingStatusAttribute,
  PaymentDeadlineAttribute,
} from '../temporal/search-attributes';
import { requireCancellation, requirePayment, isExternalPayment } from './message-shapes';
import { database } from './steps';

/** What the booking does next. */
export type Decision =
  | { kind: 'pay'; attempt: CardAttempt }
  | { kind: 'paid_elsewhere'; attempt: ForeignAttempt }
  | { kind: 'cancel'; reason: CancellationReason; actor: string; note?: string };

/** A card payment under way, and its answer once there is one. */
export interface CardAttempt {
  payment: CardPayment;
  result?: PaymentResult;
  refusal?: ApplicationFailure;
}

/** Money that another service took. */
export interface ForeignAttempt {
  payment: ForeignPayment;
  status: 'waiting' | 'applied' | 'not_applied';
}

/**
 * Where messages to one booking come in, and the only place of its state.
 *
 * One decision: whichever message or deadline is handled first sets `decision`, synchronously; what comes later is refused, or waits for its turn.
 * Each handler sees its own message through, so that nothing is lost when the workflow ends: it ends when all handlers have.
 */
export class BookingDesk {
  private status: BookingStatus = 'initiated';
  private reservation: ReservationResult | undefined;
  private decision: Decision | undefined;
  /** Decisions that came while a payment was being made; taken up if it fails. */
  private readonly waiting: Decision[] = [];
  private readonly foreign: ForeignAttempt[] = [];
  private cancelled: Booking | undefined;
  private declines = 0;

  constructor(readonly request: BookingRequest) {
    setHandler(awaitReservation, () => this.shield(() => this.answerReservation()), {
      description: 'Waits until seats are held or refused.',
    });
    setHandler(makePayment, (payment) => this.shield(() => this.answerPayment(payment)), {
      validator: (payment) => {
        this.admitPayment(payment);
      },
      description: 'Charges the customer and confirms the booking.',
    });
    setHandler(
      cancelBooking,
      (cancellation) => this.shield(() => this.answerCancellation(cancellation)),
      {
        validator: (cancellation) => {
          this.admitCancellation(cancellation);
        },
        description: 'Cancels the booking while it is unpaid, and puts its seats back on sale.',
      },
    );
    setHandler(paymentReceived, (payment) => this.shield(() => this.takeForeignPayment(payment)), {
      description: 'Another service has been paid for this booking.',
    });
    setHandler(bookingState, () => this.state(), {
      description: 'The whole state of the booking.',
    });
  }

  /** Handlers finish their work also when the workflow has been asked to cancel. */
  private shield<T>(work: () => Promise<T>): Promise<T> {
    return CancellationScope.nonCancellable(work);
  }

  // --- The booking's side: what became of it.

  get isOpen(): boolean {
    return this.status === 'initiated' || this.status === 'pending';
  }

  get departureAt(): Date {
    return new Date(this.held().flight.departureAt);
  }

  /** Tells everyone who waits what became of the reservation. */
  announce(reservation: ReservationResult): void {
    this.reservation = reservation;
    if (reservation.outcome !== 'held') {
      this.become('cancelled');
      return;
    }
    const { booking, status } = reservation;
    this.status = status;
    if (status !== 'pending') {
      upsertSearchAttributes([{ key: BookingStatusAttribute, value: status }]);
      return;
    }
    const deadline = booking.paymentRequiredBy ?? '';
    setCurrentDetails(`Seats are held. Payment is required by ${deadline}.`);
    upsertSearchAttributes([
      { key: BookingStatusAttribute, value: 'pending' },
      { key: BookingReferenceAttribute, value: booking.reference },
      { key: PaymentDeadlineAttribute, value: new Date(deadline) },
    ]);
  }

  /** Waits for the next decision; when none has come by the deadline, the deadline decides. */
  async nextDecision(): Promise<Decision> {
    const left = this.deadline() - Date.now();
    if (this.decision === undefined && left > 0) {
      await condition(() => this.decision !== undefined, left, { summary: 'Payment deadline' });
    }
    // What the wait answered is not asked: a message may have been handled in the same moment as the timer.
    this.decision ??= { kind: 'cancel', reason: 'payment_expired', actor: 'system' };
    return this.decision;
  }

  /** Decides, unless something else has been decided: then the decision waits until that has failed. */
  decide(decision: Decision): void {
    if (this.decision === undefined) this.decision = decision;
    else this.waiting.push(decision);
  }

  book(attempt: CardAttempt, result: PaymentResult): void {
    attempt.result = result;
    this.become('booked');
  }

  bookExternally(attempt: ForeignAttempt): void {
    attempt.status = 'applied';
    this.become('booked');
  }

  cancel(booking: Booking): void {
    this.cancelled = booking;
    this.become('cancelled');
  }

  /** A declined card decides nothing: whatever came meanwhile gets its turn. */
  declinePayment(attempt: CardAttempt, result: PaymentResult): void {
    this.declines += 1;
    attempt.result = result;
    this.decision = this.waiting.shift();
  }

  refusePayment(attempt: CardAttempt, refusal: ApplicationFailure): void {
    attempt.refusal = refusal;
    this.decision = this.waiting.shift();
  }

  /** Sees every message through that came in, then ends. */
  async close(): Promise<BookingOutcome> {
    await condition(allHandlersFinished);
    const { bookingId, reference, status, cancellationReason } = this.state();
    return { bookingId, reference, status, cancellationReason };
  }

  // --- The customer's side: messages and their answers.

  private async answerReservation(): Promise<ReservationResult> {
    await condition(() => this.reservation !== undefined);
    return this.reservation as ReservationResult;
  }

  /** @throws ApplicationFailure with the refusal's code as its type: nothing has been charged, and no event written. */
  private admitPayment(payment: PaymentRequest): void {
    requirePayment(payment);
    if (payment.customerId !== this.request.customerId)
      refuse('booking_not_found', 'There is no such booking.');
    if (this.decision?.kind === 'pay')
      refuse('payment_in_progress', 'A payment of this booking is being made.');
    if (this.status !== 'pending' || this.decision !== undefined || Date.now() >= this.deadline()) {
      refuse('booking_not_payable', 'The booking is not waiting for a payment.');
    }
    if (!isSameMoney(this.held().price, payment)) {
      refuse('amount_mismatch', 'The amount or currency is not the price of the booking.');
    }
    if (this.declines >= MAX_DECLINES) {
      refuse('rate_limited', 'Too many payments of this booking were declined.');
    }
  }

  private async answerPayment(payment: PaymentRequest): Promise<PaymentResult> {
    const attempt: CardAttempt = { payment: { ...payment, bookingId: this.request.bookingId } };
    this.decide({ kind: 'pay', attempt });
    await condition(() => attempt.result !== undefined || attempt.refusal !== undefined);
    if (attempt.result === undefined) throw attempt.refusal as ApplicationFailure;
    return attempt.result;
  }

  private admitCancellation(cancellation: CancellationRequest): void {
    requireCancellation(cancellation);
    const { requestedBy, asOperator } = cancellation;
    if (!asOperator && requestedBy !== this.request.customerId) {
      refuse('booking_not_found', 'There is no such booking.');
    }
    if (this.status === 'booked') refuse('booking_not_cancellable', 'The booking is paid for.');
    if (this.decision !== undefined && this.decision.kind !== 'cancel') {
      refuse('payment_in_progress', 'A payment of this booking is being made.');
    }
  }

  private async answerCancellation({
    requestedBy,
    asOperator,
    reason,
  }: CancellationRequest): Promise<Booking> {
    const why = asOperator ? 'operator_request' : 'customer_request';
    this.decide({
      kind: 'cancel',
      reason: why,
      actor: requestedBy,
      ...(reason === undefined ? {} : { note: reason }),
    });
    await condition(() => this.status === 'cancelled');
    // A booking that never got seats was not released: releasing it changes nothing and answers it.
    const requestedAt = new Date().toISOString();
    return (
      this.cancelled ??
      database.releaseSeats(this.request, { reason: why, actor: requestedBy, requestedAt })
    );
  }

  /** Books with the money if it fits and comes in time; else records it, to be given back. */
  private async takeForeignPayment(payment: ExternalPayment): Promise<void> {
    if (!isExternalPayment(payment) || this.knows(payment)) return;
    const { amount, currency, provider, providerPaymentId } = payment;
    const { bookingId } = this.request;
    const attempt: ForeignAttempt = {
      payment: { bookingId, amount, currency, provider, providerPaymentId },
      status: 'waiting',
    };
    this.foreign.push(attempt);
    if (this.reservation === undefined) await condition(() => this.reservation !== undefined);

    let reason = this.findMisfit(payment);
    if (reason === undefined) {
      this.decide({ kind: 'paid_elsewhere', attempt });
      await condition(() => attempt.status === 'applied' || !this.isOpen);
      if (this.isApplied(attempt)) return;
      reason = this.status === 'booked' ? 'second_payment' : 'booking_cancelled';
    }
    attempt.status = 'not_applied';
    await database.recordUnappliedPayment(attempt.payment, reason);
  }

  private isApplied({ status }: ForeignAttempt): boolean {
    return status === 'applied';
  }

  private knows({ provider, providerPaymentId }: ExternalPayment): boolean {
    return this.foreign.some(
      ({ payment }) =>
        payment.provider === provider && payment.providerPaymentId === providerPaymentId,
    );
  }

  private findMisfit(payment: ExternalPayment): string | undefined {
    if (this.status === 'booked') return 'second_payment';
    if (this.status === 'cancelled') return 'booking_cancelled';
    if (!isSameMoney(this.held().price, payment)) return 'amount_mismatch';
    if (Date.now() >= this.deadline()) return 'late';
    return undefined;
  }

  private state(): BookingState {
    const held = this.reservation?.outcome === 'held' ? this.reservation.booking : undefined;
    return {
      bookingId: this.request.bookingId,
      reference: held?.reference ?? proposeReference(this.request.bookingId),
      status: this.status,
      cancellationReason: this.cancellationReason(),
      paymentRequiredBy: held?.paymentRequiredBy ?? null,
      activity: this.activity(),
      declinedPayments: this.declines,
      externalPayments: this.foreign.map(
        ({ payment: { provider, providerPaymentId }, status }) => ({
          provider,
          providerPaymentId,
          status,
        }),
      ),
    };
  }

  private activity(): BookingState['activity'] {
    if (!this.isOpen) return 'closed';
    if (this.reservation === undefined) return 'reserving';
    if (this.decision === undefined) return 'awaiting_payment';
    return this.decision.kind === 'cancel' ? 'cancelling' : 'paying';
  }

  private cancellationReason(): CancellationReason | null {
    if (this.reservation?.outcome === 'refused') return this.reservation.code;
    if (this.reservation?.outcome === 'failed') return 'reservation_failed';
    if (this.reservation?.outcome === 'held' && this.cancelled === undefined) {
      return this.reservation.booking.cancellationReason;
    }
    return this.cancelled?.cancellationReason ?? null;
  }

  private become(status: BookingStatus): void {
    if (!canBecome(this.status, status)) {
      throw ApplicationFailure.nonRetryable(
        `Bug: a ${this.status} booking cannot become ${status}`,
      );
    }
    this.status = status;
    const why = this.cancellationReason();
    setCurrentDetails(
      why === null ? `The booking is ${status}.` : `The booking is ${status}: ${why}.`,
    );
    upsertSearchAttributes([
      { key: BookingStatusAttribute, value: status },
      { key: PaymentDeadlineAttribute, value: null },
    ]);
  }

  private held(): Booking {
    if (this.reservation?.outcome !== 'held') throw new Error('Bug: there is no hold');
    return this.reservation.booking;
  }

  private deadline(): number {
    return Date.parse(this.held().paymentRequiredBy ?? '');
  }
}

function refuse(code: string, detail: string): never {
  throw ApplicationFailure.nonRetryable(detail, code);
}
