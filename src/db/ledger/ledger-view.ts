import type { Db } from '../connection';

/** What was posted to one account, in the currency's minor unit. */
export interface AccountTotal {
  account: string;
  currency: string;
  debits: number;
  credits: number;
  /** Debits less credits. */
  balance: number;
}

/** One line of the journal; debits are positive, credits negative. */
export interface JournalLine {
  occurredAt: string;
  kind: string;
  paymentId: string;
  account: string;
  amount: number;
  currency: string;
}

/** Returns the totals of one day (UTC, `YYYY-MM-DD`), by account. */
export async function totalsOfDay(db: Db, day: string): Promise<AccountTotal[]> {
  const { rows } = await db.raw<{ rows: AccountTotal[] }>(
    `SELECT p.account, p.currency,
       CAST(coalesce(sum(p.amount) FILTER (WHERE p.amount > 0), 0) AS bigint) AS debits,
       CAST(coalesce(-sum(p.amount) FILTER (WHERE p.amount < 0), 0) AS bigint) AS credits,
       CAST(sum(p.amount) AS bigint) AS balance
     FROM ledger_postings p JOIN ledger_transactions t ON t.id = p.transaction_id
     WHERE t.occurred_at >= CAST(:day AS date) AT TIME ZONE 'UTC'
       AND t.occurred_at < (CAST(:day AS date) + 1) AT TIME ZONE 'UTC'
     GROUP BY p.account, p.currency ORDER BY p.account, p.currency`,
    { day },
  );
  return rows;
}

/**
 * Returns everything that was posted for a booking, by its ID or its reference, in order of
 * posting.
 */
export async function journalOfBooking(db: Db, booking: string): Promise<JournalLine[]> {
  const { rows } = await db.raw<{ rows: (Omit<JournalLine, 'occurredAt'> & { at: Date })[] }>(
    `SELECT t.occurred_at AS at, t.kind, t.payment_id AS "paymentId", p.account, p.amount, p.currency
     FROM ledger_postings p
     JOIN ledger_transactions t ON t.id = p.transaction_id
     JOIN bookings b ON b.id = t.booking_id
     WHERE CAST(b.id AS text) = lower(:booking) OR b.reference = upper(:booking)
     ORDER BY t.occurred_at, t.id, p.amount DESC, p.account`,
    { booking },
  );
  return rows.map(({ at, ...line }) => ({ occurredAt: at.toISOString(), ...line }));
}
