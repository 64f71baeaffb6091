import { deletePaymentEvents } from '../db/external-payments/reports';
import { recordUnappliedPayments } from '../db/external-payments/unapplied';
import { findRefundSubject } from '../db/payments/record-view';
import { namesOf } from '../payments/providers';
import type { ExternalPayment } from '../temporal/contracts/booking';
import type { Finding, RecordedPayment, Unapplied } from '../temporal/contracts/external-payment';
import type { ActivityDependencies } from './dependencies';
import { lookUpAllReported } from './reported-payment';

/** Number of workflows that are started at once. */
const STARTED_AT_ONCE = 10;

/**
 * The activities with which a booking's workflow handles payments that other services report, many
 * at a time.
 */
export function externalPaymentActivities(deps: ActivityDependencies) {
  const { db, providers, paymentWorkflows } = deps;
  return {
    /** Asks our own providers about reported payments. Returns the findings in the same order. */
    async lookUpReportedPayments(payments: ExternalPayment[]): Promise<Finding[]> {
      const findings = await lookUpAllReported(deps, payments);
      await deletePaymentEvents(
        db,
        payments.filter((_, index) => findings[index]?.outcome === 'own_charge'),
      );
      return findings;
    },

    /**
     * Records reported payments that pay for nothing. Returns the results in the same order. Safe
     * to repeat.
     */
    async recordUnappliedPayments(unapplied: Unapplied[]): Promise<RecordedPayment[]> {
      return recordUnappliedPayments(db, unapplied, namesOf(providers));
    },

    /** Starts refunds of what is owed of these payments, unless they are running. */
    async startRefunds(paymentIds: string[]): Promise<void> {
      for (let start = 0; start < paymentIds.length; start += STARTED_AT_ONCE)
        await Promise.all(
          paymentIds.slice(start, start + STARTED_AT_ONCE).map(async (paymentId) => {
            const subject = await findRefundSubject(db, paymentId);
            await paymentWorkflows.startRefund(paymentId, { subject });
          }),
        );
    },
  };
}

export type ExternalPaymentActivities = ReturnType<typeof externalPaymentActivities>;
