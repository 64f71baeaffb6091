import { v5 as uuidv5 } from 'uuid';
import type { Price } from '../domain/fare';
import type { Money } from '../domain/money';
import type { Db } from './connection';

/** Names ledger transactions: one capture of one payment has one ID, however often it is posted. */
const LEDGER_NAMESPACE = '6f2f2f5c-0d7e-4a3e-9d43-3f3c58f2b1aa';

export interface CaptureEntry {
  paymentId: string;
  bookingId: string;
  provider: string;
  money: Money;
  /** What the money pays for; null when it can't be applied, and is owed back to whoever paid. */
  price: Price | null;
}

/**
 * Posts a capture: the provider owes us the amount (debit), against what was sold for it (credits to fares, taxes and fees), or against what we owe back.
 *
 * The database refuses a set that doesn't balance, and a second one for the same payment.
 */
export async function postCapture(trx: Db, entry: CaptureEntry): Promise<void> {
  const id = uuidv5(`capture/${entry.paymentId}`, LEDGER_NAMESPACE);
  const { amount, currency } = entry.money;
  const credits: Record<string, number> =
    entry.price === null
      ? { 'liability:unapplied_payments': amount }
      : {
          'revenue:fares': entry.price.breakdown.base,
          'liability:taxes': entry.price.breakdown.taxes,
          'revenue:fees': entry.price.breakdown.fees,
        };
  const postings = [
    { account: `receivable:${entry.provider}`, amount },
    ...Object.entries(credits).map(([account, credit]) => ({ account, amount: -credit })),
  ];
  await trx('ledger_transactions').insert({
    id,
    kind: 'capture',
    booking_id: entry.bookingId,
    payment_id: entry.paymentId,
  });
  await trx('ledger_postings').insert(
    postings
      .filter((posting) => posting.amount !== 0)
      .map((posting) => ({ transaction_id: id, currency, ...posting })),
  );
}

/** Posts a refund of all that a payment had captured: every posting of the capture, turned round. */
export async function postFullRefund(trx: Db, refundId: string, paymentId: string): Promise<void> {
  const id = uuidv5(`refund/${refundId}`, LEDGER_NAMESPACE);
  await trx.raw(
    `INSERT INTO ledger_transactions (id, kind, booking_id, payment_id)
     SELECT :id, 'refund', booking_id, payment_id FROM ledger_transactions
     WHERE payment_id = :paymentId AND kind = 'capture'`,
    { id, paymentId },
  );
  await trx.raw(
    `INSERT INTO ledger_postings (transaction_id, account, amount, currency)
     SELECT :id, p.account, -p.amount, p.currency
     FROM ledger_postings p JOIN ledger_transactions t ON t.id = p.transaction_id
     WHERE t.payment_id = :paymentId AND t.kind = 'capture'`,
    { id, paymentId },
  );
}
