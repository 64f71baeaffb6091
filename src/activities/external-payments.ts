import { forgetPaymentEvents } from '../db/external-payments/reports';
import { recordUnappliedPayments } from '../db/external-payments/unapplied';
import { findRefundSubject } from '../db/payments/record-view';
import { namesOf } from '../payments/providers';
import type { ExternalPayment } from '../temporal/contracts';
import type { Finding, RecordedPayment, Unapplied } from '../temporal/external-payment-contracts';
import type { ActivityDependencies } from './dependencies';
import { lookUpAllReported } from './reported-payment';

/** Workflows are started so many at once. */
const STARTED_AT_ONCE = 10;

/**
 * The activities of a booking's workflow with payments that other services report, many at a time.
 */
export function externalPaymentActivities(deps: ActivityDependencies) {
  const { db, providers, paymentWorkflows } = deps;
  return {
    /** Asks the providers that are ours about reported payments; returns in order. */
    async lookUpReportedPayments(payments: ExternalPayment[]): Promise<Finding[]> {
      const findings = await lookUpAllReported(deps, payments);
      await forgetPaymentEvents(
        db,
        payments.filter((_, index) => findings[index]?.outcome === 'own_charge'),
      );
      return findings;
    },

    /** Puts reported payments on record that pay for nothing; returns in order. Safe to repeat. */
    async recordUnappliedPayments(unapplied: Unapplied[]): Promise<RecordedPayment[]> {
      return recordUnappliedPayments(db, unapplied, namesOf(providers));
    },

    /** Starts giving back what is owed of these payments, unless that is being done. */
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
