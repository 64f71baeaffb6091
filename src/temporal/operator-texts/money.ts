import { formatMoney, type Money } from '../../domain/money';
import type { ExternalPayment } from '../contracts';
import type { UnappliedReason, ProviderEvent } from '../refund-contracts';
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
  flightNumber: string | null;
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
  const nobodys = { reference: null, flightNumber: null };
  return { provider, providerPaymentId, money, owed: money, reason, ...nobodys };
}

/** Returns the text of the workflow that refunds a payment. */
export function refundText(paymentId: string, subject: RefundSubject | undefined): OperatorText {
  const about = subject === undefined ? {} : aboutPayment(subject);
  const what = subject === undefined ? 'a payment' : formatMoney(subject.owed ?? subject.money);
  const whose = subject?.reference ? ` of booking ${subject.reference}` : '';
  return operatorText(
    `Gives ${what} back${whose}`,
    `**Refund**${whose}: a payment goes back, as far as it is owed. The provider is asked by itself; what it can't or won't do waits for a person, with the search attribute \`RefundStatus\` = \`needs_operator\`. ` +
      '_Current Details_ tell how it stands, and what to do.',
    facts({ Payment: `\`${paymentId}\``, ...about }),
    messages(
      {
        name: 'settleRefund',
        when: 'while it waits for a person: someone has given the money back by hand. Posts it to the ledger, and nobody asks again.',
        example: { settledBy: 'op-7', note: 'returned by bank, SEPA 4711' },
      },
      {
        name: 'retryRefund',
        when: 'while it waits for a person: asks the payment provider again now. The money goes back once.',
        example: { requestedBy: 'op-7', note: 'the provider is back' },
      },
    ),
    buttons({
      cancel: 'does nothing: what is owed is owed.',
      terminate:
        'leaves it open: `npm run flights -- retry-refund`, or reconciliation, starts it again.',
      reset: 'runs its activities again; money goes back once.',
    }),
    readOn(
      subject?.reference
        ? `npm run flights -- show ${subject.reference}`
        : 'npm run flights -- stuck',
    ),
  );
}

function aboutPayment(subject: RefundSubject): Record<string, string> {
  const { provider, providerPaymentId, money, owed, reason, reference, flightNumber } = subject;
  return {
    Taken: `${formatMoney(money)} by ${provider} (${providerPaymentId === null ? 'ID unknown' : `\`${providerPaymentId}\``})`,
    'Goes back': owed === null ? 'what turns out to have been taken' : formatMoney(owed),
    Why: `\`${reason}\``,
    Booking: reference ?? 'none that we know of',
    ...(flightNumber === null ? {} : { Flight: flightNumber }),
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
    `**Event of ${provider}**, acted on once: it tells the booking's workflow; when that has ended, or never was, money that was taken goes back.`,
    facts({
      Event: `\`${eventId}\`, ${type}`,
      Booking: bookingId === null ? 'none of ours' : `\`booking-${bookingId}\``,
      Taken: captured === null ? 'nothing that this tells of' : formatMoney(captured),
      ...(dispute === undefined
        ? {}
        : {
            Dispute: `\`${dispute.providerDisputeId}\`, ${dispute.status}, ${formatMoney(dispute)}`,
          }),
      ...(refund === undefined
        ? {}
        : { Refund: `\`${refund.providerRefundId}\`, ${refund.status}, ${formatMoney(refund)}` }),
    }),
    '**What you may do**: nothing is needed, and it takes no updates. While PostgreSQL or Temporal is away, its activities are tried again until they are back.',
    buttons({
      cancel: 'stops it; reconciliation then finds money that was taken.',
      terminate: 'does the same.',
      reset: 'runs its activities again; the event has one effect.',
    }),
    readOn(
      bookingId === null ? 'npm run flights -- stuck' : `npm run flights -- show ${bookingId}`,
    ),
  );
}

/** The text of the workflow that records accepted reports of payments. */
export const PAYMENT_EVENTS_TEXT: OperatorText = operatorText(
  'Puts reported payments on record',
  '**Payment events**: other services reported payments, and we accepted the reports. Those that no booking has put on record are told to their bookings, or recorded and given back, in batches. ' +
    'Ends when none is left, and starts again with the next report.',
  '**What you may do**: nothing is needed, and it takes no updates. What waits is in the table `received_payment_events`.',
  buttons({
    cancel: 'does nothing: what was accepted is seen to.',
    terminate: 'stops it; the next report, or reconciliation, starts it again.',
    reset: 'runs its activities again; each payment is recorded once.',
  }),
  readOn('npm run flights -- stuck'),
);
