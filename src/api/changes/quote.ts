import { randomUUID } from 'node:crypto';
import { priceQuote } from '../../db/changes/quote-view';
import { storeQuote } from '../../db/changes/quotes';
import type { Db } from '../../db/connection';
import type { ChangeQuote } from '../../domain/changes/change';
import type {
  ExchangeFault,
  MisplacedExchange,
  SliceExchange,
} from '../../domain/changes/exchange';
import { FAULT_DETAILS } from '../bookings/request-faults';
import { invalidField } from '../problem';

/**
 * Quotes a change, and stores the quote: it is agreed until it expires.
 *
 * @throws Problem `validation_failed` with the pointer of what does not fit, and refusals as
 * `priceQuote` does.
 */
export async function quoteChange(
  db: Db,
  { bookingId, exchanges }: { bookingId: string; exchanges: SliceExchange[] },
): Promise<ChangeQuote> {
  const at = new Date();
  const wanted = { quoteId: randomUUID(), bookingId, exchanges };
  const quoted = await priceQuote(db, wanted, at);
  if (quoted.outcome === 'misplaced')
    throw invalidField(pointerTo(quoted.misplaced), EXCHANGE_FAULTS[quoted.misplaced.fault]);
  const { quote, price } = quoted;
  await storeQuote(db, { quote, price, quotedAt: at });
  return quote;
}

function pointerTo({ exchange, flight, fault }: MisplacedExchange): string {
  const at = `/slices/${String(exchange)}`;
  if (flight !== undefined) return `${at}/flightIds/${String(flight)}`;
  return fault === 'same_flights' ? `${at}/flightIds` : `${at}/replaces`;
}

/** What a client is told of an exchange that does not fit. */
const EXCHANGE_FAULTS: Record<ExchangeFault, string> = {
  ...FAULT_DETAILS,
  no_such_slice: 'The booking has no such slice.',
  slice_twice: 'The slice is exchanged twice.',
  same_flights: 'The booking has these flights.',
};
