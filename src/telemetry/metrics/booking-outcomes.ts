import { Counter, Histogram, type Registry } from 'prom-client';
import type { BackgroundActivities, createActivities } from '../../activities';
import type { PaymentEventActivities } from '../../activities/payment-events';
import type { ReconciliationActivities } from '../../activities/reconciliation';
import type { SaleRefund } from '../../activities/sale-refund';
import type { ScheduleChangeActivities } from '../../activities/schedule-change/activities';
import type { ClosedScheduleChange } from '../../activities/schedule-change/offers';
import type { BookingStatus, CancellationReason, RefundStatus } from '../../domain/booking';
import type { CardPayment, ExternalPayment } from '../../temporal/contracts/booking';
import type { ObserversOfAllBut } from './observed';
import { Recent } from './recent';

/**
 * Some minutes of a busy worker, and a few megabytes: after that no activity is repeated any more.
 */
const REMEMBERED = 20_000;

/** From one transaction to a worker that was away for as long as a customer waits. */
const RESERVE_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** From a card that works at once to a provider that has to be asked many times. */
const BOOK_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

const REASONS: Record<CancellationReason, true> = {
  seats_unavailable: true,
  flight_closed: true,
  too_many_holds: true,
  payment_expired: true,
  customer_request: true,
  operator_request: true,
  reservation_failed: true,
  flight_cancelled: true,
};

const RESULTS: Record<PaymentResultLabel, true> = {
  captured: true,
  declined: true,
  action_required: true,
  voided: true,
  not_applied: true,
  not_found: true,
};

type Activities = ReturnType<typeof createActivities> &
  BackgroundActivities &
  ReconciliationActivities &
  PaymentEventActivities &
  ScheduleChangeActivities;

/** What reads, notes, tells or hands over, and what other metrics count. */
type WithoutOutcome =
  // Of a booking.
  | 'restoreBooking'
  | 'correctName'
  | 'chooseSeats'
  // Of a payment: the step after it says what became of it.
  | 'startChangePayment'
  | 'capturePayment'
  | 'notePaymentRetry'
  | 'lookUpReportedPayments'
  | 'isProviderEventKnown'
  | 'deliverProviderEvent'
  | 'noteProviderEvent'
  // Of a refund.
  | 'startRefund'
  | 'startRefunds'
  | 'awaitRefunds'
  | 'noteRefundRetry'
  // Of a change and a schedule change, whose outcomes `countChangeOutcomes` counts.
  | 'holdChange'
  | 'failChange'
  | 'applyScheduleChange'
  | 'tellBookings'
  | 'tellOfScheduleChange'
  | 'acceptScheduleChange'
  // Of reconciliation, whose repairs `countReconciliationOutcomes` counts.
  | 'findOverdueHolds'
  | 'restoreLostWorkflows'
  | 'tellOverdueBookings'
  | 'takeUpOpenPayments'
  | 'resumeRefunds'
  | 'compareWithProvider'
  | 'auditEveryRule'
  | 'auditNextPart'
  | 'auditEverything'
  | 'reportFailures';

/**
 * Counts the outcomes of bookings, payments and refunds, as the activities produce them.
 *
 * An activity that the same worker repeats counts once. It counts twice if another worker repeats
 * it, because the first died before Temporal had its result. These are rates to watch; the ledger
 * is what to count money by.
 *
 * Counters begin with zero, so that a share of them is a number before the first decline.
 */
export function countBookingOutcomes(
  registry: Registry,
  ourProvider: string,
): ObserversOfAllBut<Activities, WithoutOutcome> {
  const registers = [registry];
  const bookings = new Counter({
    name: 'bookings_total',
    help: 'Bookings that reached a status, by status and cancellation reason.',
    labelNames: ['status', 'reason'],
    registers,
  });
  const payments = new Counter({
    name: 'payments_total',
    help: 'Payments by outcome; `external` ones were captured by other services.',
    labelNames: ['provider', 'result'],
    registers,
  });
  const refunds = new Counter({
    name: 'refunds_total',
    help: 'Refunds that reached a status.',
    labelNames: ['status'],
    registers,
  });
  const timeToReserve = new Histogram({
    name: 'booking_reserve_seconds',
    help: 'From the start of a booking to its seats being held.',
    buckets: RESERVE_SECONDS,
    registers,
  });
  const timeToBook = new Histogram({
    name: 'booking_book_seconds',
    help: 'From the record of a card payment to its booking being booked; not counted when another worker began it.',
    buckets: BOOK_SECONDS,
    registers,
  });

  for (const status of ['initiated', 'pending', 'booked'] as const)
    bookings.inc({ status, reason: 'none' }, 0);
  for (const reason of Object.keys(REASONS)) bookings.inc({ status: 'cancelled', reason }, 0);
  for (const result of Object.keys(RESULTS)) payments.inc({ provider: ourProvider, result }, 0);

  const counted = new Recent<true>(REMEMBERED);
  const startedAt = new Recent<number>(REMEMBERED);

  /** Returns whether it was not counted before. */
  const countBooking = (id: string, status: BookingStatus, reason: Reason = 'none') => {
    const isNew = counted.note(`${id} ${status}`, true);
    if (isNew) bookings.inc({ status, reason });
    return isNew;
  };
  const countPayment = (id: string, result: PaymentResultLabel, provider = ourProvider) => {
    const isNew = counted.note(`${id} ${result}`, true);
    if (isNew) payments.inc({ provider: provider === ourProvider ? provider : 'external', result });
    return isNew;
  };
  const countAction = (
    { status }: { status: string },
    { paymentId }: Pick<CardPayment, 'paymentId'>,
  ) => {
    if (status === 'requires_action') countPayment(paymentId, 'action_required');
  };
  /** The final refund of a payment goes by the payment's ID, that of a change by its own. */
  const countRefund = (refundOrPaymentId: string, status: RefundStatus) => {
    if (counted.note(`${refundOrPaymentId} refund ${status}`, true)) refunds.inc({ status });
  };
  const countRefunds = ({ payments }: SaleRefund) => {
    for (const { paymentId, status } of payments)
      if (status === 'succeeded' || status === 'needs_operator') countRefund(paymentId, status);
  };
  const countExpired = (bookingId: string) =>
    countBooking(bookingId, 'cancelled', 'payment_expired');
  const countCancelledSale = ({ booking: { id, cancellationReason } }: CancelledSale) =>
    countBooking(id, 'cancelled', cancellationReason ?? 'none');
  const countClosed = (closed: ClosedScheduleChange) => {
    if (closed.kind === 'cancelled') countCancelledSale(closed.sale);
  };

  return {
    reserveSeats(result, { bookingId }, { requestedAt }) {
      countBooking(bookingId, 'initiated');
      if (result.outcome === 'refused') countBooking(bookingId, 'cancelled', result.code);
      if (result.outcome === 'held' && countBooking(bookingId, 'pending'))
        timeToReserve.observe((Date.now() - Date.parse(requestedAt)) / 1000);
    },
    releaseSeats({ id, status, cancellationReason }) {
      if (status === 'cancelled') countBooking(id, status, cancellationReason ?? 'none');
    },
    startPayment(_, { paymentId }) {
      startedAt.note(paymentId, performance.now());
    },
    payByCard(paid, payment) {
      const { paymentId, bookingId } = payment;
      countAction(paid, payment);
      if (paid.status !== 'settled') return;
      const { result, started } = paid;
      if (result.outcome === 'captured') countBooking(bookingId, 'booked');
      if (countPayment(paymentId, result.outcome) && result.outcome === 'captured')
        timeToBook.observe((Date.now() - Date.parse(started.startedAt)) / 1000);
    },
    chargeCard: countAction,
    authorizePayment: countAction,
    recordDecline(_, { paymentId }) {
      countPayment(paymentId, 'declined');
    },
    confirmBooking(_, { paymentId, bookingId }) {
      countBooking(bookingId, 'booked');
      const since = startedAt.get(paymentId);
      if (countPayment(paymentId, 'captured') && since !== undefined)
        timeToBook.observe((performance.now() - since) / 1000);
    },
    confirmExternallyPaidBooking(pays, { bookingId, provider, providerPaymentId }) {
      if (!pays) return;
      countBooking(bookingId, 'booked');
      countPayment(keyOf({ provider, providerPaymentId }), 'captured', provider);
    },
    recordUnappliedPayment(_, { provider, providerPaymentId }) {
      countPayment(keyOf({ provider, providerPaymentId }), 'not_applied', provider);
    },
    recordUnappliedPayments(_, unapplied) {
      for (const { payment, reason } of unapplied)
        countPayment(
          keyOf(payment),
          reason !== 'not_found' && reason !== 'provider_silent' ? 'not_applied' : 'not_found',
          payment.provider,
        );
    },
    settlePaymentEvents({ recorded }) {
      for (const { isOurProvider, isMoney } of recorded)
        payments.inc({
          provider: isOurProvider ? ourProvider : 'external',
          result: isMoney ? 'not_applied' : 'not_found',
        });
    },
    clearForgottenPayments(owed) {
      for (const paymentId of owed) countPayment(paymentId, 'not_applied');
    },
    reversePayment(reversal, { paymentId }) {
      if (reversal !== 'sold')
        countPayment(paymentId, reversal === 'owed_back' ? 'not_applied' : reversal);
    },
    completeChange(_, _change, capture) {
      if (capture !== null) countPayment(capture.paymentId, 'captured');
    },
    declineChange(_, _change, { paymentId }) {
      countPayment(paymentId, 'declined');
    },
    cancelSale: countCancelledSale,
    closeScheduleChange: countClosed,
    concludeScheduleChange(closed) {
      countClosed(closed);
      if (closed.kind === 'cancelled') countRefunds(closed.refund);
    },
    refundSale: countRefunds,
    giveBack({ status }, paymentId, refundId) {
      if (status !== 'nothing_owed') countRefund(refundId ?? paymentId, status);
    },
    leaveRefundToOperator(_, paymentId, _why, refundId) {
      countRefund(refundId ?? paymentId, 'needs_operator');
    },
    settleRefund(status, paymentId, _settlement, refundId) {
      if (status === 'succeeded') countRefund(refundId ?? paymentId, status);
      else countPayment(paymentId, 'voided');
    },
    freeOverdueHolds({ released }) {
      for (const bookingId of released) countExpired(bookingId);
    },
    releaseOverdueHold(isReleased, bookingId) {
      if (isReleased) countExpired(bookingId);
    },
  };
}

function keyOf({
  provider,
  providerPaymentId,
}: Pick<ExternalPayment, 'provider' | 'providerPaymentId'>) {
  return `${provider} ${providerPaymentId}`;
}

type CancelledSale = Extract<ClosedScheduleChange, { kind: 'cancelled' }>['sale'];

type Reason = CancellationReason | 'none';

type PaymentResultLabel =
  'captured' | 'declined' | 'action_required' | 'voided' | 'not_applied' | 'not_found';
