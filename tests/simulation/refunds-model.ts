import type { GiveBack } from '../../src/activities/refund';
import type { Unapplied } from '../../src/temporal/contracts/external-payment';
import type { WhyOperator } from '../../src/temporal/contracts/refund';
import { Fault, type RefundRow, type World } from './world';

/** What the database and the provider do with refunds, as a model. */
export function refundsModel(
  world: World,
  payments: {
    record: (unapplied: Unapplied) => { paymentId: string; refund: string };
    reverse: (paymentId: string) => Generator<void, unknown>;
  },
) {
  function find(paymentId: string, refundId: string | undefined): RefundRow | undefined {
    return world.refunds.find(
      (refund) => refund.paymentId === paymentId && refund.refundId === refundId,
    );
  }

  function leave(refund: RefundRow, whyOperator: WhyOperator): GiveBack {
    refund.status = 'needs_operator';
    return { status: 'needs_operator', whyOperator };
  }

  return {
    recordUnappliedPayment(payment: Unapplied['payment'], reason: Unapplied['reason']) {
      const { paymentId, refund } = payments.record({ payment, reason });
      return { paymentId, isOwedBack: refund !== 'none' };
    },

    *giveBack(paymentId: string, refundId?: string): Generator<void, GiveBack> {
      const row = world.payments.get(paymentId);
      if (row !== undefined && world.isUnderWay(row)) {
        if (world.cards.get(paymentId) === 'rejected' && world.random() < 0.3) {
          const { amount } = row;
          const known = find(paymentId, refundId);
          if (known === undefined)
            world.refunds.push({ paymentId, amount, status: 'needs_operator' });
          return { status: 'needs_operator', whyOperator: 'provider_rejected' };
        }
        yield* payments.reverse(paymentId);
      }
      const refund = find(paymentId, refundId);
      if (refund === undefined) return { status: 'nothing_owed', whyOperator: null };
      refund.takenUpAt ??= world.now;
      if (refund.status === 'succeeded') return { status: 'succeeded', whyOperator: null };
      if (row?.provider !== 'sandbox') return leave(refund, 'foreign_provider');
      yield;
      if (world.now < world.providerAwayUntil) throw new Fault('the provider is away');
      if (world.random() < 0.1) return leave(refund, 'refused');
      world.sendBack(refund);
      yield;
      // An operator may have closed it meanwhile, which the workflow keeps apart.
      refund.status = 'succeeded';
      return { status: 'succeeded', whyOperator: null };
    },

    leaveRefundToOperator(paymentId: string, _why: WhyOperator, refundId?: string) {
      const refund = find(paymentId, refundId);
      const row = world.payments.get(paymentId);
      if (refund?.status === 'pending') refund.status = 'needs_operator';
      if (refund === undefined && row !== undefined && world.isUnderWay(row))
        world.refunds.push({ paymentId, amount: row.amount, status: 'needs_operator' });
    },

    noteRefundRetry() {
      // Who and why is of no consequence here.
    },

    settleRefund(paymentId: string, _settlement: unknown, refundId?: string) {
      const row = world.payments.get(paymentId);
      if (row !== undefined && row.status !== 'captured') {
        // The operator has found that nothing was taken, and made sure that nothing will be.
        if (world.isUnderWay(row)) row.status = 'voided';
        const at = world.refunds.findIndex((refund) => refund.paymentId === paymentId);
        if (at >= 0) world.refunds.splice(at, 1);
        const charge = world.charges.get(paymentId);
        if (charge?.status === 'captured') charge.refunded = charge.amount;
        else if (charge !== undefined) charge.status = 'voided';
        return 'nothing_owed';
      }
      const refund = find(paymentId, refundId);
      if (refund !== undefined && refund.status !== 'succeeded') {
        world.sendBack(refund);
        refund.status = 'succeeded';
      }
      return 'succeeded';
    },
  };
}
