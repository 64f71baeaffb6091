import { activityInfo, log } from '@temporalio/activity';
import { listOpenRefundsOf } from '../db/refunds/refunds';
import type { RefundState } from '../temporal/contracts/refund';
import type { ActivityDependencies } from './dependencies';
import { refundProviderActivities, refundStarterActivities } from './refund';

/** What became of the payments of a cancelled sale. */
export interface SaleRefund {
  payments: { paymentId: string; status: RefundState['status'] }[];
  /** Whether a refund of the booking is open: a workflow of its own carries it on. */
  isOpen: boolean;
}

/** The activity that refunds a cancelled sale. */
export function saleRefundActivities(deps: ActivityDependencies) {
  const provider = refundProviderActivities(deps);
  const starter = refundStarterActivities(deps);

  async function tryOnce(paymentId: string): Promise<RefundState['status']> {
    // An earlier attempt was cut off: its provider may keep this one waiting as well.
    if (activityInfo().attempt > 1) return 'pending';
    try {
      return (await provider.giveBack(paymentId)).status;
    } catch (failure) {
      log.warn('A refund goes on in a workflow of its own', { failure: String(failure) });
      return 'pending';
    }
  }

  return {
    /**
     * Refunds what is owed of the payments of a cancelled sale. Each provider is asked once. What
     * that does not settle, because the provider is silent, refuses, or an operator is needed, is
     * handed over to a workflow of its own.
     *
     * Safe to retry: the refund's own ID makes a repeated request return the first refund. A second
     * attempt asks no provider, and hands over what is still open.
     */
    async refundSale(bookingId: string, paymentIds: readonly string[]): Promise<SaleRefund> {
      const payments: SaleRefund['payments'] = [];
      for (const paymentId of paymentIds) {
        const status = await tryOnce(paymentId);
        if (status === 'pending' || status === 'needs_operator')
          await starter.startRefund(paymentId);
        payments.push({ paymentId, status });
      }
      const open = await listOpenRefundsOf(deps.db, bookingId);
      return { payments, isOpen: open.length > 0 };
    },
  };
}
