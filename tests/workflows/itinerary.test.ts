import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { adults, seatsByState } from '../support/flights';
import { itineraryRequest, putRoundTripOnSale, ROUND_TRIP_PRICE } from '../support/itineraries';
import { devServerEnvironment } from '../support/temporal';
import { shopOfSuite } from './suite';

/** One workflow sells all flights of an itinerary, or none of them. */
const shop = shopOfSuite(devServerEnvironment, { workflowTaskTimeout: '60s' });

const statesOf = (flightIds: string[]) =>
  Promise.all(flightIds.map((id) => seatsByState(shop.db, id)));

async function held(party = 1) {
  const { slices, flightIds } = await putRoundTripOnSale(shop.db);
  const request = itineraryRequest(slices, { passengers: adults(party) });
  expect(await shop.reserve(request)).toMatchObject({ outcome: 'held' });
  return { sale: shop.saleOf(request), flightIds };
}

test('a payment of the sum books all flights, in as many steps as one flight', async () => {
  const { sale, flightIds } = await held();
  const { events: created } = await sale.handle.fetchHistory();
  expect(created).toHaveLength(9);
  await sale.pay(ROUND_TRIP_PRICE);
  expect(await sale.settled()).toMatchObject({ status: 'booked' });
  const { events } = await sale.handle.fetchHistory();
  expect(events).toHaveLength(9 + 14);
  expect(await statesOf(flightIds)).toEqual(Array(4).fill({ free: 11, held: 0, sold: 1 }));
});

test('the price of one flight does not pay for the whole', async () => {
  const { sale, flightIds } = await held();
  await expect(sale.pay()).rejects.toMatchObject({ cause: { type: 'amount_mismatch' } });
  expect(await statesOf(flightIds)).toEqual(Array(4).fill({ free: 11, held: 1, sold: 0 }));
});

test('a cancellation frees the seats of all flights, before the payment and after', async () => {
  const unpaid = await held(2);
  await unpaid.sale.cancel();
  const paid = await held();
  await paid.sale.pay(ROUND_TRIP_PRICE);
  await paid.sale.settled();
  expect(await shop.cancelSale(paid.sale)).toMatchObject({ outcome: 'cancelled' });
  for (const { flightIds } of [unpaid, paid])
    expect(await statesOf(flightIds)).toEqual(Array(4).fill({ free: 12, held: 0, sold: 0 }));
});

test.each<[string, (flightIds: string[]) => object]>([
  ['a flight and slices', ([flightId]) => ({ flightId })],
  ['no slices', () => ({ slices: [] })],
  ['slices of one flight', ([one]) => ({ slices: [{ flightIds: [one] }] })],
  ['a flight twice', ([one]) => ({ slices: [{ flightIds: [one] }, { flightIds: [one] }] })],
  ['a slice of nothing', ([one]) => ({ slices: [{ flightIds: [one] }, { flightIds: [] }] })],
  ['what is no flight', ([one]) => ({ slices: [{ flightIds: [one, 'UA1'] }] })],
  [
    'nine flights',
    () => ({ slices: [{ flightIds: Array.from({ length: 9 }, () => randomUUID()) }] }),
  ],
])('a workflow that is started with %s fails, and holds nothing', async (_, details) => {
  const { slices, flightIds } = await putRoundTripOnSale(shop.db);
  const request = { ...itineraryRequest(slices), ...details(flightIds) };
  const sale = await shop.start(request);
  await expect(sale.outcome()).rejects.toBeInstanceOf(WorkflowFailedError);
  expect(await statesOf(flightIds)).toEqual(Array(4).fill({ free: 12, held: 0, sold: 0 }));
});
