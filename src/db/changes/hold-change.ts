import { findChangeObstacle } from '../../domain/changes/change';
import { findChangedItineraryFault } from '../../domain/changes/exchange';
import { quoteExpiresAt } from '../../domain/changes/quote';
import { isSeated } from '../../domain/passenger';
import { MAX_DECLINES_PER_HOUR } from '../../domain/payment';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { BookingChange } from '../../temporal/contracts/change';
import { appendEvent } from '../bookings/events';
import type { Db } from '../connection';
import { LOCK_FLIGHTS } from '../schedule-changes/flight-lock';
import { call } from '../statement';
import { inTransaction } from '../transaction';
import { requireFittingAges } from './ages';
import { holdBeside, lockSeatsBeside, pairs } from './beside-seats';
import { changeRow, changeSegmentRows } from './change-rows';
import { requireChargeable } from './charge';
import { findStanding, type ChangeStanding } from './change-standing';
import { readPresentItinerary, type PresentItinerary } from './present-itinerary';
import { priceExchanges, type PricedChange } from './priced-change';
import { findQuote, type StoredQuote } from './quotes';

/**
 * Begins a change: holds the seats of its new flights beside those that the booking has. One short
 * transaction writes the change, its seats, and its event.
 *
 * What the quote says is computed again, and must agree: nobody pays what the fares don't say. No
 * flight of it is cancelled or moved meanwhile.
 *
 * Safe to retry: a change that was begun before is returned as it stands.
 *
 * @throws Refusal `booking_not_found`, `quote_not_found`, `quote_expired`, `booking_not_changeable`,
 * `change_in_progress`, `idempotency_key_reused`, `flight_closed` or `seats_unavailable`, and as
 * `requireChargeable` does where something is to be paid. Nothing is written then.
 */
export async function holdChange(
  db: Db,
  change: BookingChange,
  /** In workflow time. */
  requestedAt: Date,
  maxDeclinesPerHour = MAX_DECLINES_PER_HOUR,
): Promise<ChangeStanding> {
  const { bookingId, quoteId } = change;
  const wanted = (await findQuote(db, bookingId, quoteId))?.slices ?? [];
  const locks = [call(LOCK_FLIGHTS, [wanted.flatMap(({ flightIds }) => flightIds)])];
  const attempt = (waits: boolean) =>
    inTransaction(db, locks, (trx) =>
      begin(trx, change, { requestedAt, maxDeclinesPerHour, waits }),
    );
  const begun = (await attempt(false)) ?? (await attempt(true));
  if (begun === undefined) throw new Error('Bug: a change that waits for the others is final');
  return begun;
}

async function begin(
  trx: Db,
  change: BookingChange,
  terms: { requestedAt: Date; maxDeclinesPerHour: number; waits: boolean },
): Promise<ChangeStanding | undefined> {
  const { bookingId, changeId, requestedBy } = change;
  // Whatever else changes the booking comes before, or after.
  await trx('bookings').where({ id: bookingId }).forUpdate().first('id');
  const known = await findStanding(trx, change);
  if (known !== undefined) return known;
  const { requestedAt, maxDeclinesPerHour } = terms;
  const booking = await requireChangeable(trx, change, requestedAt);
  const quote = await requireQuote(trx, change, requestedAt);
  const { slices, sale } = await requireAgreed(trx, booking, quote, requestedAt);
  await requireFittingAges(trx, booking, slices);
  if (sale.money.toPay.amount > 0) {
    const { customerId } = booking;
    const limit = { maxDeclinesPerHour, at: requestedAt };
    await requireChargeable(trx, { bookingId, customerId }, limit);
  }

  const added = slices.flat().filter(({ isNew }) => isNew);
  const flightIds = added.map(({ flightId }) => flightId);
  const party = booking.party.filter(isSeated);
  const { cabin } = booking;
  const spread = Number.parseInt(changeId.slice(-6), 16);
  const seats = await lockSeatsBeside(trx, { flightIds, cabin, party, spread }, terms);
  if (seats === undefined) return undefined;
  if (seats === null) throw new Refusal('seats_unavailable', REFUSAL_TEXTS.seatsUnavailable);

  const paymentRequiredBy = quoteExpiresAt({
    quotedAt: requestedAt,
    newDepartures: added.map(({ departureAt }) => departureAt),
    departureAt: booking.isDisrupted ? null : booking.departureAt,
  });
  await trx('changes').insert(changeRow(change, sale, paymentRequiredBy));
  await trx('change_segments').insert(changeSegmentRows(changeId, slices));
  const rows = flightIds.flatMap((flight_id, flight) =>
    party.map(({ position }, index) => ({
      change_id: changeId,
      flight_id,
      position,
      seat_number: seats[flight]?.[index] ?? '',
    })),
  );
  if (rows.length > 0) await trx('change_seats').insert(rows);
  await holdBeside(trx, bookingId, pairs(flightIds, seats));
  await trx('bookings').where({ id: bookingId }).update({ pending_change_id: changeId });
  await appendEvent(trx, {
    bookingId,
    type: 'change_started',
    actor: { kind: change.asOperator ? 'airline' : 'customer', id: requestedBy },
  });
  return findStanding(trx, change);
}

async function requireChangeable(
  trx: Db,
  { bookingId, requestedBy, asOperator }: BookingChange,
  requestedAt: Date,
): Promise<PresentItinerary> {
  const booking = await readPresentItinerary(trx, bookingId);
  if (booking === undefined || (!asOperator && booking.customerId !== requestedBy))
    throw new Refusal('booking_not_found', REFUSAL_TEXTS.noSuchBooking);
  const obstacle = findChangeObstacle(booking, requestedAt);
  if (obstacle === undefined) return booking;
  throw new Refusal(
    obstacle,
    obstacle === 'change_in_progress'
      ? REFUSAL_TEXTS.changeInProgress
      : REFUSAL_TEXTS.notChangeable,
  );
}

async function requireQuote(
  trx: Db,
  { bookingId, quoteId }: BookingChange,
  requestedAt: Date,
): Promise<StoredQuote> {
  const quote = await findQuote(trx, bookingId, quoteId);
  if (quote === undefined) throw new Refusal('quote_not_found', REFUSAL_TEXTS.noSuchQuote);
  const used = await trx('changes')
    .where({ quote_id: quoteId })
    .whereNot({ status: 'failed' })
    .first('id');
  if (used !== undefined || requestedAt >= quote.expiresAt)
    throw new Refusal('quote_expired', REFUSAL_TEXTS.quoteExpired);
  return quote;
}

/** @throws Refusal `quote_expired` when the quote says something else than the fares do. */
async function requireAgreed(
  trx: Db,
  booking: PresentItinerary,
  quote: StoredQuote,
  at: Date,
): Promise<PricedChange> {
  // The booking may have been changed since, or its flights moved. Then the quote does not hold.
  if (quote.slices.some(({ replaces }) => replaces >= booking.slices.length)) throw expired();
  const priced = await priceExchanges(trx, booking, quote.slices, at);
  const { newTotal, fee, difference } = priced.sale.money;
  const isAgreed =
    newTotal.amount === quote.newTotal.amount &&
    newTotal.currency === quote.newTotal.currency &&
    newTotal.amount - difference.amount === quote.price.amount &&
    fee.amount === quote.fee.amount &&
    findChangedItineraryFault(priced.slices, quote.slices) === undefined;
  if (!isAgreed) throw expired();
  return priced;
}

function expired(): Refusal {
  return new Refusal('quote_expired', REFUSAL_TEXTS.quoteExpired);
}
