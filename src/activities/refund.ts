import { ApplicationFailure } from '@temporalio/common';
import {
  cancelBookedBooking,
  type CancelledSale,
  type SaleCancellationTerms,
} from '../db/bookings/cancel-booked';
import { findRefundSubject } from '../db/payments/record-view';
import { isDisputed } from '../db/provider-money/disputes';
import {
  leaveRefundToOperator,
  listOpenRefundsOf,
  recordRefund,
  recordSettlement,
  readExplainedRefunds,
  readRefundCase,
  operatorReasonOf,
  type Refund,
  type RefundCase,
} from '../db/refunds/refunds';
import { recordRefundRetry } from '../db/refunds/retries';
import { isSameMoney } from '../domain/money';
import { isUnderWay } from '../domain/payment';
import { namesOf } from '../payments/providers';
import type { SaleCancellation } from '../temporal/contracts/cancellation';
import type { RefundState, Settlement, WhyOperator } from '../temporal/contracts/refund';
import type { SignedRetry } from '../temporal/contracts/retries';
import type { ActivityDependencies } from './dependencies';
import { providerFaultOf, refusalsAreFinal } from './refusals';
import { reverseCharge } from './reversal';

/** The refund activities that only use PostgreSQL. */
export function refundRecordActivities({ db, providers }: ActivityDependencies) {
  return {
    /**
     * Cancels a booking that is paid for, frees its seats, and commits the intent to refund what
     * its fare leaves.
     */
    async cancelSale(
      { bookingId, asOperator, requestedBy, reason, note, expectedRefund }: SaleCancellation,
      requestedAt: string,
    ): Promise<CancelledSale> {
      const terms: SaleCancellationTerms = {
        asOperator,
        actor: requestedBy,
        reasonGiven: reason,
        note,
        expectedRefund,
        requestedAt: new Date(requestedAt),
        ourProviders: namesOf(providers),
      };
      return refusalsAreFinal(() => cancelBookedBooking(db, bookingId, terms));
    },

    /** Leaves a refund to an operator. */
    async leaveRefundToOperator(
      paymentId: string,
      why: WhyOperator,
      refundId?: string,
    ): Promise<void> {
      await leaveRefundToOperator(db, paymentId, why, refundId);
    },

    /** Records who had the provider asked again about a refund, and why. */
    async noteRefundRetry(paymentId: string, retry: SignedRetry): Promise<void> {
      await recordRefundRetry(db, paymentId, retry);
    },

    /**
     * Records that an operator has returned the money by hand, or has found that nothing is owed.
     */
    async settleRefund(
      paymentId: string,
      settlement: Settlement,
      refundId?: string,
    ): Promise<'succeeded' | 'nothing_owed'> {
      return recordSettlement(db, paymentId, settlement, refundId);
    },
  };
}

/** The result of a try to refund a payment, with the reason if an operator is needed. */
export type GiveBack = Pick<RefundState, 'status' | 'whyOperator'>;

/** The refund activity that asks the provider. */
export function refundProviderActivities({ db, providers }: ActivityDependencies) {
  /**
   * Reads a payment. If its outcome is unknown, the charge is undone at the provider first, which
   * reveals the outcome.
   */
  async function readClarified(
    paymentId: string,
    refundId: string | undefined,
  ): Promise<RefundCase | undefined> {
    const known = await readRefundCase(db, paymentId, refundId);
    if (known === undefined || known.bookingId === null) return known;
    if (!isUnderWay(known.paymentStatus)) return known;
    const charge = { paymentId, bookingId: known.bookingId, ...known.captured };
    await reverseCharge({ db, providers }, charge, 'outcome_unknown');
    return readRefundCase(db, paymentId, refundId);
  }

  /**
   * Asks the payment's provider for a refund, once it has confirmed what we have on record of the
   * payment. Returns why an operator is needed, if one is.
   */
  async function send(
    { refund: { refundId, money }, ...known }: RefundCase & { refund: Refund },
    changeRefundId: string | undefined,
  ): Promise<WhyOperator | null> {
    const { paymentId, provider, providerPaymentId, captured } = known;
    if (await isDisputed(db, paymentId)) return 'disputed';
    const gateway = providers.named(provider);
    if (gateway === undefined) return operatorReasonOf(known, []);
    if (providerPaymentId === null) return 'not_found';
    const found = await gateway.retrieve(providerPaymentId);
    if (found === undefined) return 'not_found';
    if (found.status !== 'captured' || !isSameMoney(found.money, captured)) return 'disagrees';
    // Money that someone returned at the provider must not go back once more.
    const explained = await readExplainedRefunds(db, paymentId);
    const answer = await gateway.refund(refundId, providerPaymentId, money, explained);
    if (answer.status === 'refused') return 'refused';
    const { providerRefundId } = answer;
    const isRecorded = await recordRefund(db, paymentId, providerRefundId, changeRefundId);
    return isRecorded ? null : 'refused';
  }

  async function tryToGiveBack(paymentId: string, refundId: string | undefined): Promise<GiveBack> {
    const known = await readClarified(paymentId, refundId);
    const { refund } = known ?? {};
    if (known === undefined || refund === undefined)
      return { status: 'nothing_owed', whyOperator: null };
    if (refund.status === 'succeeded') return { status: 'succeeded', whyOperator: null };
    const whyOperator = await send({ ...known, refund }, refundId);
    return { status: whyOperator === null ? 'succeeded' : 'needs_operator', whyOperator };
  }

  return {
    /**
     * Refunds a payment as far as it is owed, or for one change (`refundId`), at the provider that it was made with. It is left to
     * an operator if that provider doesn't have it, disagrees with our record, or refuses for good.
     *
     * Safe to retry: the refund's own ID makes a repeated call return the first refund.
     */
    async giveBack(paymentId: string, refundId?: string): Promise<GiveBack> {
      const answer = await tryToGiveBack(paymentId, refundId).catch((error: unknown): GiveBack => {
        const whyOperator = providerFaultOf(error);
        if (whyOperator === undefined) throw error;
        return { status: 'needs_operator', whyOperator };
      });
      if (answer.whyOperator !== null)
        await leaveRefundToOperator(db, paymentId, answer.whyOperator, refundId);
      return answer;
    },
  };
}

/** An operator takes hours at least: asking more often would only cost more. */
const OPERATOR_TAKES = '10m';

/** The activity that waits for refunds. */
export function refundWaiterActivities({ db }: ActivityDependencies) {
  return {
    /**
     * Returns once no refund of a booking is open. Changes nothing.
     *
     * @throws ApplicationFailure `refund_open` while one is, to be tried again. It is no fault: it
     * is neither logged nor counted as one.
     */
    async awaitRefunds(bookingId: string): Promise<void> {
      const open = await listOpenRefundsOf(db, bookingId);
      if (open.length === 0) return;
      const isForOperator = open.every(({ status }) => status === 'needs_operator');
      throw ApplicationFailure.create({
        message: isForOperator
          ? 'A refund of the booking waits for an operator.'
          : 'A refund of the booking is under way.',
        type: 'refund_open',
        category: 'BENIGN',
        ...(isForOperator ? { nextRetryDelay: OPERATOR_TAKES } : {}),
      });
    },
  };
}

/** The activity that hands a payment over to a refund workflow. */
export function refundStarterActivities({ db, paymentWorkflows }: ActivityDependencies) {
  return {
    /**
     * Starts the refund of what is owed of a payment, or of a change (`refundId`), unless it is
     * running.
     */
    async startRefund(paymentId: string, refundId?: string): Promise<void> {
      await paymentWorkflows.startRefund(paymentId, {
        ...(refundId === undefined ? {} : { refundId }),
        subject: await findRefundSubject(db, paymentId, refundId),
      });
    },
  };
}
