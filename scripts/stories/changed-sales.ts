import { readChange } from '../../src/db/changes/change-view';
import type { SliceExchange } from '../../src/domain/changes/exchange';
import {
  changeBooking,
  changeUpdateId,
  type BookingChange,
} from '../../src/temporal/contracts/change';
import { putOnSale } from '../../tests/api/timetable';
import { changeBy, quoteChange } from '../../tests/db/making-changes';
import {
  itineraryRequest,
  putRoundTripOnSale,
  ROUND_TRIP_PRICE,
} from '../../tests/support/itineraries';
import { untilSeen, type Sale, type Shop } from '../../tests/support/shop';

/** A booking of one flight that is sold, and a change of it for the fee alone. */
export async function quoted(
  shop: Shop,
  { salesCloseInSeconds }: { salesCloseInSeconds?: number } = {},
): Promise<{ sale: Sale; change: BookingChange; flightId: string }> {
  const sale = await shop.sell();
  const other = await shop.flight(
    salesCloseInSeconds === undefined ? {} : { departsInMinutes: 60 + salesCloseInSeconds / 60 },
  );
  const change = await quotedBy(shop, sale, [{ replaces: 0, flightIds: [other.id] }]);
  return { sale, change, flightId: other.id };
}

export async function quotedBy(
  shop: Shop,
  { request }: Sale,
  exchanges: SliceExchange[],
): Promise<BookingChange> {
  return changeBy(request, await quoteChange(shop.db, request, exchanges));
}

/** A round trip that is sold, and its way back by a cheaper flight. */
export async function sellRoundTrip(
  shop: Shop,
): Promise<{ sale: Sale; exchanges: SliceExchange[]; flightIds: string[] }> {
  const { slices, flightIds } = await putRoundTripOnSale(shop.db);
  const way = { from: 'GRU', to: 'EWR', date: '2027-03-08', time: '09:00' };
  const cabins = [{ cabin: 'economy' as const, seats: 6, price: 10_000 }];
  const direct = await putOnSale(shop.db, [{ ...way, cabins }]);
  const request = itineraryRequest(slices);
  await shop.reserve(request);
  const sale = shop.saleOf(request);
  await sale.pay(ROUND_TRIP_PRICE);
  return { sale, exchanges: [{ replaces: 1, flightIds: direct }], flightIds };
}

/** Makes a change as the API does; rejects when it is refused. */
export function make(sale: Sale, { bookingId: _, ...change }: BookingChange) {
  return sale.handle.executeUpdate(changeBooking, {
    args: [change],
    updateId: changeUpdateId(change.changeId),
  });
}

export async function untilEnded(
  shop: Shop,
  { bookingId, changeId }: BookingChange,
): Promise<void> {
  await untilSeen(async () => {
    const change = await readChange(shop.db, bookingId, changeId);
    return change?.status === 'pending' ? undefined : change;
  });
}
