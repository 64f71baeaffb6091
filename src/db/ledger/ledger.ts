import { v5 as uuidv5 } from 'uuid';
import type { CancellationQuote } from '../../domain/cancellation';
import type { Price } from '../../domain/fare';
import type { Money } from '../../domain/money';
import type { Db } from '../connection';

/**
 * Namespace of transaction IDs: one capture of one payment has one ID, however often it is posted.
 */
const LEDGER_NAMESPACE = '6f2f2f5c-0d7e-4a3e-9d43-3f3c58f2b1aa';

export interface CaptureEntry {
  paymentId: string;
  /** Null when it is unknown what the money was for. */
  bookingId: string | null;
  provider: string;
  money: Money;
  /** What the money pays for; null when it is unapplied, and is owed back to the payer. */
  price: Price | null;
}

/**
 * Posts a capture. The provider owes us the amount (debit), against what was sold for it (credits
 * to fares, taxes and fees), or against what we owe back.
 *
 * The database refuses postings that don't balance, and a second capture of the same payment.
 */
export async function postCapture(trx: Db, entry: CaptureEntry): Promise<void> {
  await postCaptures(trx, [entry]);
}

/** Posts several captures, as above, in two statements however many they are. */
export async function postCaptures(trx: Db, entries: readonly CaptureEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const captures = entries.map((entry) => ({ id: captureId(entry.paymentId), entry }));
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

/** Returns the ID under which the capture of a payment is posted. */
export function captureId(paymentId: string): string {
  return uuidv5(`capture/${paymentId}`, LEDGER_NAMESPACE);
}

/** Returns the postings of a capture: accounts and amounts, debits positive, which sum to zero. */
export function postingsOf({ provider, money, price }: CaptureEntry) {
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
 * Posts the cancellation of a sale. Debits what it was sold for (fares, taxes and fees), and
 * credits what we owe the passenger and what we keep.
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

/**
 * Posts a refund: what we owed the payer (debit), against what the provider owes us (credit).
 *
 * What an operator settles may be money that the provider refunded without us. As far as it is, it
 * is posted against suspense: it left the provider once only.
 */
export async function postRefund(
  trx: Db,
  paymentId: string,
  { amount, currency }: Money,
  { isByHand }: { isByHand: boolean },
): Promise<void> {
  const round = 1 + (await countReversals(trx, paymentId));
  const suffix = round === 1 ? '' : `/${round}`;
  const id = uuidv5(`refund/${paymentId}${suffix}`, LEDGER_NAMESPACE);
  await openTransaction(trx, { id, kind: 'refund', paymentId, round });
  const explained = isByHand ? Math.min(amount, await suspenseOf(trx, paymentId)) : 0;
  const { rows } = await trx.raw<{ rows: { debt: string; provider: string }[] }>(
    `SELECT p.provider, CASE WHEN p.applied THEN 'liability:refunds' ELSE 'liability:unapplied_payments' END AS debt
     FROM payments p WHERE p.id = ?`,
    [paymentId],
  );
  const [accounts] = rows;
  if (accounts === undefined) throw new Error(`Bug: payment ${paymentId} is not in the database`);
  await trx('ledger_postings').insert([
    { transaction_id: id, account: accounts.debt, amount, currency },
    ...[
      { account: SUSPENSE, amount: -explained },
      { account: `receivable:${accounts.provider}`, amount: explained - amount },
    ]
      .filter((posting) => posting.amount !== 0)
      .map((posting) => ({ transaction_id: id, currency, ...posting })),
  ]);
}

/** Posts that a refund which was posted has failed after all: we owe it again. */
export async function postRefundReversal(
  trx: Db,
  paymentId: string,
  reference: string,
): Promise<void> {
  const round = 1 + (await countReversals(trx, paymentId));
  const id = uuidv5(`refund_reversed/${paymentId}/${round}`, LEDGER_NAMESPACE);
  await openTransaction(trx, { id, kind: 'refund_reversed', paymentId, reference, round });
  await trx.raw(
    `INSERT INTO ledger_postings (transaction_id, account, amount, currency)
     SELECT :id, p.account, -p.amount, p.currency
     FROM ledger_postings p JOIN ledger_transactions t ON t.id = p.transaction_id
     WHERE t.payment_id = :paymentId AND t.kind = 'refund' AND t.round = :round`,
    { id, paymentId, round },
  );
}

async function countReversals(trx: Db, paymentId: string): Promise<number> {
  const rows = await trx('ledger_transactions')
    .where({ payment_id: paymentId, kind: 'refund_reversed' })
    .select('id');
  return rows.length;
}

/** Account of money that the provider refunded without us, until someone says what it was for. */
const SUSPENSE = 'suspense:provider_refunds';

/** What the provider does to a payment without a request of ours. */
interface ProviderMove {
  kind: 'provider_refund' | 'provider_refund_reversed' | 'dispute_withdrawn' | 'dispute_reinstated';
  payment: { paymentId: string; provider: string };
  /** The provider's own ID of it, under which it is posted once. */
  reference: string;
  money: Money;
}

/**
 * Posts money that the provider took off what it owes us (credit), or put back (debit), against
 * suspense or what is disputed. Safe to repeat: what is posted already stays as it is.
 */
export async function postProviderMove(
  trx: Db,
  { kind, payment: { paymentId, provider }, reference, money }: ProviderMove,
): Promise<void> {
  const id = uuidv5(`${kind}/${provider}/${reference}`, LEDGER_NAMESPACE);
  const posted = await trx('ledger_transactions').where({ id }).first('id');
  if (posted !== undefined) return;
  const { against, sign } = MOVES[kind](provider);
  const amount = sign * money.amount;
  const { currency } = money;
  await openTransaction(trx, { id, kind, paymentId, reference });
  await trx('ledger_postings').insert([
    { transaction_id: id, account: against, amount, currency },
    { transaction_id: id, account: `receivable:${provider}`, amount: -amount, currency },
  ]);
}

/** The account against which each is posted, and whether that is debited (1) or credited (-1). */
const MOVES: Record<ProviderMove['kind'], (provider: string) => { against: string; sign: 1 | -1 }> =
  {
    provider_refund: () => ({ against: SUSPENSE, sign: 1 }),
    provider_refund_reversed: () => ({ against: SUSPENSE, sign: -1 }),
    dispute_withdrawn: (provider) => ({ against: `disputed:${provider}`, sign: 1 }),
    dispute_reinstated: (provider) => ({ against: `disputed:${provider}`, sign: -1 }),
  };

/** Returns how much of a payment is posted as refunded by the provider without us. */
export async function sumOfProviderRefunds(trx: Db, paymentId: string): Promise<number> {
  return sumOfSuspense(trx, paymentId, ['provider_refund', 'provider_refund_reversed']);
}

/** Returns how much of that is still in suspense. */
async function suspenseOf(trx: Db, paymentId: string): Promise<number> {
  const kinds = ['provider_refund', 'provider_refund_reversed', 'refund', 'refund_reversed'];
  return Math.max(0, await sumOfSuspense(trx, paymentId, kinds));
}

async function sumOfSuspense(trx: Db, paymentId: string, kinds: string[]): Promise<number> {
  const { rows } = await trx.raw<{ rows: [{ sum: number }] }>(
    `SELECT CAST(coalesce(sum(p.amount), 0) AS bigint) AS sum
     FROM ledger_postings p JOIN ledger_transactions t ON t.id = p.transaction_id
     WHERE t.payment_id = :paymentId AND t.kind = ANY (:kinds) AND p.account = :account`,
    { paymentId, kinds, account: SUSPENSE },
  );
  return rows[0].sum;
}

/** Opens a transaction about a payment whose capture is posted already. */
async function openTransaction(
  trx: Db,
  {
    id,
    kind,
    paymentId,
    reference = null,
    round = 1,
  }: {
    id: string;
    kind: 'cancellation' | 'refund' | 'refund_reversed' | ProviderMove['kind'];
    paymentId: string;
    reference?: string | null;
    round?: number;
  },
): Promise<void> {
  await trx.raw(
    `INSERT INTO ledger_transactions (id, kind, booking_id, payment_id, reference, round)
     SELECT :id, :kind, booking_id, payment_id, :reference, :round FROM ledger_transactions
     WHERE payment_id = :paymentId AND kind = 'capture'`,
    { id, kind, paymentId, reference, round },
  );
}
