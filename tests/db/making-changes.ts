import { randomUUID } from 'node:crypto';
import { chargeOf, startChangePayment } from '../../src/db/changes/charge';
import { completeChange } from '../../src/db/changes/complete-change';
import { holdChange } from '../../src/db/changes/hold-change';
import { priceQuote } from '../../src/db/changes/quote-view';
import { storeQuote } from '../../src/db/changes/quotes';
import type { Db } from '../../src/db/connection';
import type { ChangeQuote } from '../../src/domain/changes/change';
import type { SliceExchange } from '../../src/domain/changes/exchange';
import type { BookingChange } from '../../src/temporal/contracts/change';
import type { BookingRequest } from '../../src/temporal/contracts/booking';

/** Changes of bookings, step by step, without workflows. */

/** Quotes a change as the API does. */
export async function quoteChange(
  db: Db,
  { bookingId }: Pick<BookingRequest, 'bookingId'>,
  exchanges: SliceExchange[],
  at = new Date(),
): Promise<ChangeQuote> {
  const priced = await priceQuote(db, { quoteId: randomUUID(), bookingId, exchanges }, at);
  if (priced.outcome !== 'quoted') throw new Error(JSON.stringify(priced));
  await storeQuote(db, { ...priced, quotedAt: at });
  return priced.quote;
}

/** The owner's change by a quote, by card. */
export function changeBy(
  { bookingId, customerId }: Pick<BookingRequest, 'bookingId' | 'customerId'>,
  quote: Pick<ChangeQuote, 'id'>,
  details: Partial<BookingChange> = {},
): BookingChange {
  return {
    changeId: randomUUID(),
    bookingId,
    quoteId: quote.id,
    requestedBy: customerId,
    asOperator: false,
    idempotencyKey: `key-${randomUUID()}`,
    fingerprint: 'fingerprint-of-the-change',
    paymentMethod: 'pm_card_visa',
    ...details,
  };
}

/** Holds and charges a change, as its saga does. Returns its charge, and what completes it. */
export async function beginChange(db: Db, change: BookingChange, at = new Date()) {
  const standing = await holdChange(db, change, at);
  const charge = standing.toPay.amount === 0 ? undefined : chargeOf(change, standing);
  if (charge !== undefined) await startChangePayment(db, { ...change, payment: charge }, 'sandbox');
  const capture = charge && {
    paymentId: charge.paymentId,
    provider: 'sandbox',
    providerPaymentId: `spi_${charge.paymentId}`,
  };
  return {
    charge,
    complete: () => completeChange(db, change, { capture, ourProviders: ['sandbox'] }),
  };
}
