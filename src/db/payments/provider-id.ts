import { isViolationOf, type Db } from '../connection';

/** Our own charge, and what its provider calls it. */
interface OwnCharge {
  paymentId: string;
  providerPaymentId: string;
}

/**
 * Runs a transaction that puts the provider's ID of our own charge on record. A report of that charge
 * may have come before, when the provider did not answer, and be on record as not found under that
 * ID. It stays on record as `<ID>/not-found`: the ID is the charge's.
 *
 * As safe to retry as the transaction is, which is run twice at most.
 */
export async function withProviderId<T>(
  db: Db,
  charge: OwnCharge,
  transaction: () => Promise<T>,
): Promise<T> {
  try {
    return await transaction();
  } catch (error) {
    const isTaken = isViolationOf(error, 'payments_provider_provider_payment_id_key');
    if (!isTaken || !(await takeFromNotFound(db, charge))) throw error;
    return transaction();
  }
}

/** Returns whether there was such a report. */
async function takeFromNotFound(
  db: Db,
  { paymentId, providerPaymentId }: OwnCharge,
): Promise<boolean> {
  const changed = await db('payments')
    .where({ status: 'not_found', provider_payment_id: providerPaymentId })
    .whereIn('provider', db('payments').where({ id: paymentId }).select('provider'))
    .update({ provider_payment_id: `${providerPaymentId}/not-found` });
  return changed > 0;
}
