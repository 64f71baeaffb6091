import { v5 as uuidv5 } from 'uuid';
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
  /**
   * What the money pays for: the booking, at this price, or a change of it, which is posted by
   * {@link postChange}. Null when it is unapplied, and is owed back to the payer.
   */
  price: Price | 'change' | null;
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
      : price === 'change'
        ? { [CHANGE_PAYMENTS]: amount }
        : creditsOf(price);
  const postings = [
    { account: `receivable:${provider}`, amount },
    ...Object.entries(credits).map(([account, credit]) => ({ account, amount: -credit })),
  ];
  return postings.filter((posting) => posting.amount !== 0);
}

/** Money taken for a change, until the change is posted: in the same transaction. */
const CHANGE_PAYMENTS = 'liability:change_payments';

/** What is sold for a price, by account. */
function creditsOf({ breakdown }: Price): Record<string, number> {
  return {
    'revenue:fares': breakdown.base,
    'liability:taxes': breakdown.taxes,
    'revenue:fees': breakdown.fees,
  };
}

/** What goes back, and the payment that it goes back of. */
export interface OwedPart {
  paymentId: string;
  amount: number;
}

/**
 * Posts the cancellation of a sale. Debits what it was sold for (fares, taxes and fees), and
 * credits what we owe the passenger, of each payment, and what we keep.
 *
 * The database refuses a second one for the same payment.
 */
export async function postCancellation(
  trx: Db,
  {
    paymentId,
    price,
    fee,
    owed,
  }: { paymentId: string; price: Price; fee: Money; owed: readonly OwedPart[] },
): Promise<void> {
  const debits = Object.entries(creditsOf(price)).map(([account, amount]) => ({ account, amount }));
  await postOwed(trx, {
    kind: 'cancellation',
    paymentId,
    owed,
    currency: price.currency,
    postings: [...debits, { account: 'revenue:cancellation_fees', amount: -fee.amount }],
    idOf: (payment) => uuidv5(`cancellation/${payment}`, LEDGER_NAMESPACE),
  });
}

/** A change that is posted, as it becomes true. */
export interface PostedChange {
  changeId: string;
  /** Its own payment if it has one, else one of the booking. */
  paymentId: string;
  before: Price;
  after: Price;
  fee: Money;
  toPay: Money;
  owed: readonly OwedPart[];
}

/**
 * Posts a change: what is sold for more or less than before, the fee, the money that was taken for
 * it, and what we owe back of each payment. Posts nothing where nothing changes.
 *
 * The database refuses a second one for the same change.
 */
export async function postChange(
  trx: Db,
  { changeId, paymentId, before, after, fee, toPay, owed }: PostedChange,
): Promise<void> {
  const [sold, was] = [creditsOf(after), creditsOf(before)];
  const differences = Object.entries(sold).map(([account, amount]) => ({
    account,
    amount: (was[account] ?? 0) - amount,
  }));
  await postOwed(trx, {
    kind: 'change',
    paymentId,
    changeId,
    owed,
    currency: after.currency,
    postings: [
      ...differences,
      { account: CHANGE_PAYMENTS, amount: toPay.amount },
      { account: 'revenue:change_fees', amount: -fee.amount },
    ],
    idOf: (payment) => uuidv5(`change/${changeId}/${payment}`, LEDGER_NAMESPACE),
  });
}

/** Carries what is owed of other payments from the one set of postings to theirs; sums to zero. */
const OWED_ELSEWHERE = 'clearing:refunds';

/**
 * Posts a set of postings about one payment, and what is owed back of it. What is owed back of
 * others is posted about these, so that the books say of each payment what is owed of it.
 */
async function postOwed(
  trx: Db,
  {
    kind,
    paymentId,
    changeId,
    owed,
    currency,
    postings,
    idOf,
  }: {
    kind: 'cancellation' | 'change';
    paymentId: string;
    changeId?: string;
    owed: readonly OwedPart[];
    currency: string;
    postings: readonly { account: string; amount: number }[];
    idOf: (paymentId: string) => string;
  },
): Promise<void> {
  const post = async (payment: string, all: readonly { account: string; amount: number }[]) => {
    const moved = all.filter(({ amount }) => amount !== 0);
    if (moved.length === 0) return;
    const id = idOf(payment);
    await openTransaction(trx, { id, kind, paymentId: payment, changeId: changeId ?? null });
    await trx('ledger_postings').insert(
      moved.map(({ account, amount }) => ({ transaction_id: id, account, amount, currency })),
    );
  };
  const [own, others] = [
    owed.filter((part) => part.paymentId === paymentId),
    owed.filter((part) => part.paymentId !== paymentId),
  ];
  const sumOf = (parts: readonly OwedPart[]) => parts.reduce((sum, { amount }) => sum + amount, 0);
  await post(paymentId, [
    ...postings,
    { account: 'liability:refunds', amount: -sumOf(own) },
    { account: OWED_ELSEWHERE, amount: -sumOf(others) },
  ]);
  for (const { paymentId: other, amount } of others)
    await post(other, [
      { account: OWED_ELSEWHERE, amount },
      { account: 'liability:refunds', amount: -amount },
    ]);
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
  {
    isByHand,
    refundId = null,
  }: {
    isByHand: boolean;
    /** The refund of a change; none for the final one. */
    refundId?: string | null | undefined;
  },
): Promise<void> {
  const round = 1 + (await countReversals(trx, paymentId, refundId));
  const suffix = round === 1 ? '' : `/${round}`;
  const id = uuidv5(`refund/${refundId ?? paymentId}${suffix}`, LEDGER_NAMESPACE);
  await openTransaction(trx, { id, kind: 'refund', paymentId, refundId, round });
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
  refundId: string | null,
): Promise<void> {
  const round = 1 + (await countReversals(trx, paymentId, refundId));
  const id = uuidv5(`refund_reversed/${refundId ?? paymentId}/${round}`, LEDGER_NAMESPACE);
  await openTransaction(trx, {
    id,
    kind: 'refund_reversed',
    paymentId,
    refundId,
    reference,
    round,
  });
  await trx.raw(
    `INSERT INTO ledger_postings (transaction_id, account, amount, currency)
     SELECT :id, p.account, -p.amount, p.currency
     FROM ledger_postings p JOIN ledger_transactions t ON t.id = p.transaction_id
     WHERE t.payment_id = :paymentId AND t.kind = 'refund' AND t.round = :round
       AND t.refund_id IS NOT DISTINCT FROM CAST(:refundId AS uuid)`,
    { id, paymentId, refundId, round },
  );
}

async function countReversals(
  trx: Db,
  paymentId: string,
  refundId: string | null,
): Promise<number> {
  const rows = await trx('ledger_transactions')
    .where({ payment_id: paymentId, kind: 'refund_reversed', refund_id: refundId })
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
    changeId = null,
    refundId = null,
  }: {
    id: string;
    kind: 'cancellation' | 'change' | 'refund' | 'refund_reversed' | ProviderMove['kind'];
    paymentId: string;
    reference?: string | null;
    round?: number;
    changeId?: string | null;
    refundId?: string | null;
  },
): Promise<void> {
  await trx.raw(
    `INSERT INTO ledger_transactions
       (id, kind, booking_id, payment_id, reference, round, change_id, refund_id)
     SELECT :id, :kind, booking_id, payment_id, :reference, :round, CAST(:changeId AS uuid),
       CAST(:refundId AS uuid)
     FROM ledger_transactions WHERE payment_id = :paymentId AND kind = 'capture'`,
    { id, kind, paymentId, reference, round, changeId, refundId },
  );
}
