import { formatMoney, type Money } from '../../domain/money';
import type { ExternalPayment } from '../contracts/booking';
import type { ProviderEvent } from '../contracts/provider-event';
import type { UnappliedReason } from '../contracts/refund';
import { UPDATE_EXAMPLES } from '../contracts/update-examples';
import { buttons, operatorText, facts, messages, readOn, type OperatorText } from './operator-text';

/** The payment that is refunded, as far as the caller knows it. */
export interface RefundSubject {
  provider: string;
  /** The provider's ID of the payment. */
  providerPaymentId: string | null;
  money: Money;
  /** The amount to refund; null while it is unknown whether any was taken. */
  owed: Money | null;
  /** Why it is refunded. */
  reason: string;
  /** The booking's reference; null when it is unknown what the money was for. */
  reference: string | null;
  /** Of all flights of the booking, in their order; none where it is unknown. */
  flightNumbers: string[];
}

/** Returns what is known of money that is not on record yet. */
export function subjectOf({
  payment,
  reason,
}: {
  payment: ExternalPayment;
  reason: UnappliedReason;
}): RefundSubject {
  const { amount, currency, provider, providerPaymentId } = payment;
  const money = { amount, currency };
  const nobodys = { reference: null, flightNumbers: [] };
  return { provider, providerPaymentId, money, owed: money, reason, ...nobodys };
}

/** Returns the text of the workflow that refunds a payment. */
export function refundText(paymentId: string, subject: RefundSubject | undefined): OperatorText {
  const about = subject === undefined ? {} : aboutPayment(subject);
  const what = subject === undefined ? 'a payment' : formatMoney(subject.owed ?? subject.money);
  const whose = subject?.reference ? ` of booking ${subject.reference}` : '';
  return operatorText(
    `Refunds ${what}${whose}`,
    `**Refund**${whose}: returns a payment, as far as it is owed. The payment provider is asked automatically. What it does not refund waits for an operator, with the search attribute \`RefundStatus\` = \`needs_operator\`. ` +
      '_Current Details_ show the state of the refund, and what to do.',
    facts({ Payment: `\`${paymentId}\``, ...about }),
    messages(
      {
        name: 'settleRefund',
        when: 'while the refund waits for an operator: records that you have returned the money outside this system. Posts it to the ledger; the provider is not asked again.',
        example: UPDATE_EXAMPLES.settleRefund,
      },
      {
        name: 'retryRefund',
        when: 'while the refund waits for an operator: asks the payment provider again now. The money is refunded once.',
        example: UPDATE_EXAMPLES.retryRefund,
      },
    ),
    buttons({
      cancel: 'has no effect: the money is still owed.',
      terminate:
        'leaves the refund open: `npm run flights -- retry-refund`, or reconciliation, starts it again.',
      reset: 'runs its activities again; money is refunded once.',
    }),
    readOn(
      subject?.reference
        ? `npm run flights -- show ${subject.reference}`
        : 'npm run flights -- stuck',
    ),
  );
}

function aboutPayment(subject: RefundSubject): Record<string, string> {
  const { provider, providerPaymentId, money, owed, reason, reference, flightNumbers } = subject;
  return {
    Captured: `${formatMoney(money)} by ${provider} (${providerPaymentId === null ? 'ID unknown' : `\`${providerPaymentId}\``})`,
    'To refund': owed === null ? 'the amount that was captured, if any' : formatMoney(owed),
    Why: `\`${reason}\``,
    Booking: reference ?? 'unknown',
    ...(flightNumbers.length === 0 ? {} : { Flight: flightNumbers.join(', ') }),
  };
}

/** Returns the text of the workflow that handles an event of our payment provider. */
export function providerEventText({
  provider,
  eventId,
  type,
  bookingId,
  captured,
  dispute,
  refund,
}: ProviderEvent): OperatorText {
  return operatorText(
    `${provider}: ${type}`,
    `**Event of ${provider}**, handled once. The booking's workflow is informed. If there is none, or it has ended, captured money is refunded.`,
    facts({
      Event: `\`${eventId}\`, ${type}`,
      Booking: bookingId === null ? 'none of ours' : `\`booking-${bookingId}\``,
      Captured: captured === null ? 'not part of this event' : formatMoney(captured),
      ...(dispute === undefined
        ? {}
        : {
            Dispute: `\`${dispute.providerDisputeId}\`, ${dispute.status}, ${formatMoney(dispute)}`,
          }),
      ...(refund === undefined
        ? {}
        : { Refund: `\`${refund.providerRefundId}\`, ${refund.status}, ${formatMoney(refund)}` }),
    }),
    '**What you may do**: nothing is needed, and it takes no updates. While PostgreSQL or Temporal is unavailable, its activities are retried.',
    buttons({
      cancel: 'stops it; reconciliation then finds captured money.',
      terminate: 'has the same effect.',
      reset: 'runs its activities again; the event has one effect.',
    }),
    readOn(
      bookingId === null ? 'npm run flights -- stuck' : `npm run flights -- show ${bookingId}`,
    ),
  );
}

/** The text of the workflow that records accepted reports of payments. */
export const PAYMENT_EVENTS_TEXT: OperatorText = operatorText(
  'Records reported payments',
  '**Payment events**: other services reported payments, and we accepted the reports. Those that no booking has recorded are delivered to their bookings, or recorded and refunded, in batches. ' +
    'Ends when none is left, and starts again with the next report.',
  '**What you may do**: nothing is needed, and it takes no updates. Reports that wait are in the table `received_payment_events`.',
  buttons({
    cancel: 'has no effect: accepted reports are still handled.',
    terminate: 'stops it; the next report, or reconciliation, starts it again.',
    reset: 'runs its activities again; each payment is recorded once.',
  }),
  readOn('npm run flights -- stuck'),
);
