import type { ChangeQuote } from '../../domain/changes/change';
import type { SliceExchange } from '../../domain/changes/exchange';
import type { Money } from '../../domain/money';
import type { Db } from '../connection';

/** A quote with what the booking cost when it was made. */
export interface StoredQuote {
  id: string;
  bookingId: string;
  slices: SliceExchange[];
  price: Money;
  newTotal: Money;
  fee: Money;
  expiresAt: Date;
}

/** Stores a quote. It holds no seats, and is priced again when it is used. */
export async function storeQuote(
  db: Db,
  { quote, price, quotedAt }: { quote: ChangeQuote; price: Money; quotedAt: Date },
): Promise<void> {
  await db('change_quotes').insert({
    id: quote.id,
    booking_id: quote.bookingId,
    slices: JSON.stringify(quote.slices),
    price_amount: price.amount,
    new_total_amount: quote.newTotal.amount,
    fee_amount: quote.fee.amount,
    currency: price.currency,
    quoted_at: quotedAt,
    expires_at: new Date(quote.expiresAt),
  });
}

/** Reads a quote of a booking; undefined when there is none, or it is another booking's. */
export async function findQuote(
  db: Db,
  bookingId: string,
  quoteId: string,
): Promise<StoredQuote | undefined> {
  const row = await db('change_quotes').where({ id: quoteId, booking_id: bookingId }).first();
  if (row === undefined) return undefined;
  const money = (amount: number) => ({ amount, currency: row.currency });
  return {
    id: row.id,
    bookingId,
    slices: row.slices as SliceExchange[],
    price: money(row.price_amount),
    newTotal: money(row.new_total_amount),
    fee: money(row.fee_amount),
    expiresAt: row.expires_at,
  };
}
