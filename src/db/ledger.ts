import { v5 as uuidv5 } from 'uuid';
import type { CancellationQuote } from '../domain/cancellation';
import type { Price } from '../domain/fare';
import type { Money } from '../domain/money';
import type { Db } from './connection';

/** Names ledger transactions: one capture of one payment has one ID, however often it is posted. */
const LEDGER_NAMESPACE = '6f2f2f5c-0d7e-4a3e-9d43-3f3c58f2b1aa';

export interface CaptureEntry {
  paymentId: string;
  /** Null when nobody knows what the money was for. */
  bookingId: string | null;
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
  await postCaptures(trx, [entry]);
}

/** Posts several captures, as above, in two statements however many they are. */
export async function postCaptures(trx: Db, entries: readonly CaptureEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const captures = entries.map((entry) => ({
    id: uuidv5(`capture/${entry.paymentId}`, LEDGER_NAMESPACE),
    entry,
  }));
  await trx('ledger_transactions').insert(
    captures.map(({ id, entry: { bookingId, paymentId } }) => ({
      id,
      kind: 'capture',
      booking_id: bookingId,
      payment_id: paymentId,
    })),
  );
  await trx('ledger_postings').insert(
    captures.flatMap(({ id, entry }) =>
      postingsOf(entry).map((posting) => ({
        transaction_id: id,
        currency: entry.money.currency,
        ...posting,
      })),
    ),
  );
}

function postingsOf({ provider, money, price }: CaptureEntry) {
  const { amount } = money;
  const credits: Record<string, number> =
    price === null
      ? { 'liability:unapplied_payments': amount }
      : {
          'revenue:fares': price.breakdown.base,
          'liability:taxes': price.breakdown.taxes,
          'revenue:fees': price.breakdown.fees,
        };
  const postings = [
    { account: `receivable:${provider}`, amount },
    ...Object.entries(credits).map(([account, credit]) => ({ account, amount: -credit })),
  ];
  return postings.filter((posting) => posting.amount !== 0);
}

/**
 * Posts that a sale is undone: what it was sold for (debits of fares, taxes and fees), against what we owe the passenger and what we keep.
 *
 * The database refuses a second one for the same payment.
 */
export async function postCancellation(
  trx: Db,
  { paymentId, refund, fee }: { paymentId: string } & CancellationQuote,
): Promise<void> {
  const id = uuidv5(`cancellation/${paymentId}`, LEDGER_NAMESPACE);
  await openTransaction(trx, { id, kind: 'cancellation', paymentId });
  await trx.raw(
    `INSERT INTO ledger_postings (transaction_id, account, amount, currency)
     SELECT :id, p.account, -p.amount, p.currency
     FROM ledger_postings p JOIN ledger_transactions t ON t.id = p.transaction_id
     WHERE t.payment_id = :paymentId AND t.kind = 'capture' AND p.amount < 0`,
    { id, paymentId },
  );
  const credits = [
    { account: 'liability:refunds', ...refund },
    { account: 'revenue:cancellation_fees', ...fee },
  ].filter(({ amount }) => amount > 0);
  await trx('ledger_postings').insert(
    credits.map(({ account, amount, currency }) => ({
      transaction_id: id,
      account,
      amount: -amount,
      currency,
    })),
  );
}

/** Posts that money has gone back: what we owed the payer (debit), against what the provider owes us (credit). */
export async function postRefund(
  trx: Db,
  paymentId: string,
  { amount, currency }: Money,
): Promise<void> {
  const id = uuidv5(`refund/${paymentId}`, LEDGER_NAMESPACE);
  await openTransaction(trx, { id, kind: 'refund', paymentId });
  const { rows } = await trx.raw<{ rows: { debt: string; provider: string }[] }>(
    `SELECT p.provider, CASE WHEN p.applied THEN 'liability:refunds' ELSE 'liability:unapplied_payments' END AS debt
     FROM payments p WHERE p.id = ?`,
    [paymentId],
  );
  const [accounts] = rows;
  if (accounts === undefined) throw new Error(`Bug: payment ${paymentId} is not in the database`);
  await trx('ledger_postings').insert([
    { transaction_id: id, account: accounts.debt, amount, currency },
    { transaction_id: id, account: `receivable:${accounts.provider}`, amount: -amount, currency },
  ]);
}

/** Opens a transaction about a payment whose capture is posted already. */
async function openTransaction(
  trx: Db,
  { id, kind, paymentId }: { id: string; kind: 'cancellation' | 'refund'; paymentId: string },
): Promise<void> {
  await trx.raw(
    `INSERT INTO ledger_transactions (id, kind, booking_id, payment_id)
     SELECT :id, :kind, booking_id, payment_id FROM ledger_transactions
     WHERE payment_id = :paymentId AND kind = 'capture'`,
    { id, kind, paymentId },
  );
}
