import type { Browser, Locator, Page } from 'playwright-core';
import { runCommand } from '../../scripts/stack/commands';
import { daysAfter } from '../../src/activities/flight-schedule/local-time';
import { localDateOf } from '../../src/domain/local-date';
import type { Booking } from '../../src/domain/booking';
import type { Change, ChangeQuote } from '../../src/domain/changes/change';
import type { ScheduleChange } from '../../src/db/schedule-changes/progress-view';
import { segmentsOf } from '../../src/domain/itinerary';
import { newKey } from '../api/client';
import { openLocalShop, seen, STACK, type LocalShop } from '../e2e/local-shop';
import { openBrowser, takePicture } from './browser';
import {
  foldNavigation,
  openDetails,
  see,
  seeInFrame,
  sendUpdate,
  openPageAsOperator,
  temporalUiOf,
} from './operator';
import { PATIENCE_MS } from '../support/patience';

/**
 * What an operator sees of a trip that changes, and does about it: a round trip with connections, a
 * change with a difference, a flight that the airline cancels, the refund.
 */

const doors: { close(): Promise<unknown> }[] = [];
let browser: Browser;
let shop: LocalShop;
let days: string[];

beforeAll(async () => {
  browser = await openBrowser();
  doors.push(browser);
  // Tomorrow, and the way home two or three days later.
  days = [1, 3, 4].map((later) => daysAfter(localDateOf(new Date(), 'America/New_York'), later));
  shop = await openLocalShop({ ...STACK, paymentWindowSeconds: 900, env: { SCHEDULE_DAYS: '6' } });
  doors.push(shop);
});

afterAll(async () => {
  for (const door of doors) await door.close();
});

interface Way {
  segments: { id: string; flightNumber: string }[];
  conditions: { changeable: boolean };
}

/** The cheapest way with a connection that may be changed later. */
async function findWay(origin: string, destination: string, date = ''): Promise<string[]> {
  const wish = new URLSearchParams({ origin, destination, date, sort: 'price', limit: '100' });
  const { body } = await shop.customer.get<{ data: Way[] }>(`/api/v1/slices?${wish.toString()}`);
  const way = body.data.find(
    ({ segments, conditions }) => segments.length === 2 && conditions.changeable,
  );
  if (way === undefined) throw new Error(`Nothing connects ${origin} and ${destination}`);
  return way.segments.map(({ id }) => id);
}

/** A round trip from Boston to San Francisco that is paid for. */
async function bookRoundTrip(): Promise<Booking> {
  const [out, back] = [await findWay('BOS', 'SFO', days[0]), await findWay('SFO', 'BOS', days[1])];
  const created = await shop.customer.post<Booking>('/api/v1/bookings', {
    slices: [{ flightIds: out }, { flightIds: back }],
    passengers: [{ givenName: 'Ada', familyName: 'Lovelace' }],
  });
  expect(created).toMatchObject({ status: 201, body: { status: 'pending' } });
  expect(await shop.customer.pay(created.body)).toMatchObject({ status: 201 });
  return created.body;
}

/** The way home is a day later. */
async function change({ id }: Booking): Promise<{ quote: ChangeQuote; booking: Booking }> {
  const slices = [{ replaces: 1, flightIds: await findWay('SFO', 'BOS', days[2]) }];
  const path = `/api/v1/bookings/${id}`;
  const quoted = await shop.customer.post<ChangeQuote>(`${path}/change-quotes`, { slices });
  expect(quoted).toMatchObject({ status: 201 });
  const { body: quote } = quoted;
  const changed = await shop.customer.post<Change>(
    `${path}/changes`,
    { quoteId: quote.id, paymentMethod: 'pm_card_visa' },
    { 'x-idempotency-key': newKey() },
  );
  expect(changed).toMatchObject({ status: 201, body: { status: 'completed' } });
  return { quote, booking: changed.body.booking };
}

/** What an operator does on the command line. */
async function disrupt(flightId: string, ...how: string[]): Promise<ScheduleChange> {
  const args = ['run', '--silent', 'flights', '--', 'disrupt', flightId, ...how];
  const { stdout, stderr } = await runCommand(
    'npm',
    [...args, '--reason', 'Fog in Boston', '--as', 'op-7', '--json'],
    {
      timeoutMs: PATIENCE_MS,
      env: { ...process.env, NODE_ENV: undefined, DATA_DIR: shop.place.dataDir },
    },
  );
  if (!stdout.startsWith('{')) throw new Error(`Not disrupted:\n${stdout}${stderr}`);
  return JSON.parse(stdout) as ScheduleChange;
}

async function list(page: Page, query: string): Promise<void> {
  await page.goto(`${temporalUiOf(shop)}/workflows?query=${encodeURIComponent(query)}`);
}

const rowOf = (page: Page, workflowId: string): Locator =>
  page.getByRole('row').filter({ hasText: workflowId });

test('a round trip that was changed is found by any of its flights, and its page tells the change', async () => {
  const { booking } = await change(await bookRoundTrip());
  const page = await openPageAsOperator(browser, shop);
  for (const { flightNumber } of segmentsOf(booking)) {
    await list(page, `FlightNumbers="${flightNumber}"`);
    await rowOf(page, booking.workflowId).getByText('Running').first().waitFor();
  }
  await page.close();

  const details = await openDetails(browser, shop, booking);
  await seeInFrame(details, 'The booking is changed: BOS');
  await see(details, 'Running');
  await details.close();
});

test('a cancelled flight: the bookings are found by the schedule change, each says what is offered, and an operator cancels with a refund of all', async () => {
  const { quote, booking } = await change(await bookRoundTrip());
  const flightHome = segmentsOf(booking).at(-1);
  const ordered = await disrupt(flightHome?.id ?? '', '--cancel');
  expect(ordered).toMatchObject({ kind: 'cancelled', affected: expect.any(Number) });
  await seen('an offer to its owner', async () => {
    const { body } = await shop.customer.read(booking.id);
    return body.scheduleChange?.id === ordered.id;
  });

  const page = await openPageAsOperator(browser, shop);
  await list(page, `ScheduleChangeId="${ordered.id}"`);
  for (const workflowId of [booking.workflowId, `schedule-change-${ordered.id}`])
    await rowOf(page, workflowId).first().waitFor();
  await takePicture(page, 'temporal-ui-schedule-change', {
    height: 560,
    arrange: () => foldNavigation(page),
  });
  await page.goto(`${temporalUiOf(shop)}/workflows/schedule-change-${ordered.id}`);
  await page.getByRole('tab', { name: 'User Metadata' }).click();
  await seeInFrame(page, 'The flight is cancelled: Fog in Boston');
  await page.close();

  const details = await openDetails(browser, shop, booking);
  await seeInFrame(details, 'The airline has changed the itinerary.');
  await takePicture(details, 'temporal-ui-disrupted-booking', {
    height: 900,
    of: details.locator('main'),
    arrange: async () => {
      await foldNavigation(details);
      await seeInFrame(details, 'The airline has changed the itinerary.');
    },
  });
  await sendUpdate(details, 'cancelBooking', {
    requestedBy: 'op-7',
    asOperator: true,
    reason: 'your flight home does not fly',
  });
  await details.reload();
  await seeInFrame(details, 'Operator op-7 cancels the booking: your flight home does not fly');

  // What the change gave back, or its fee, is not part of it: the trip costs the new total.
  await seen('all of it back', async () => {
    const { body } = await shop.customer.read(booking.id);
    return body.refund?.status === 'succeeded' && body.refund.amount === quote.newTotal.amount;
  });
  await details.reload();
  await seeInFrame(details, 'The money was refunded.');
  await takePicture(details, 'temporal-ui-refunded-booking', {
    height: 1_150,
    of: details.locator('main'),
    arrange: async () => {
      await foldNavigation(details);
      await seeInFrame(details, 'The money was refunded.');
    },
  });
  await details.close();
  await seen('no open workflow of it', async () => {
    const wish = `BookingReference = '${booking.reference}' AND ExecutionStatus = 'Running'`;
    return (await shop.findWorkflows(wish)).length === 0;
  });
});

test('a flight that is moved far: an operator accepts the new times for the customer, by the form', async () => {
  const booking = await bookRoundTrip();
  const out = segmentsOf(booking)[0];
  const at = (time: string | undefined) =>
    new Date(Date.parse(time ?? '') - 4 * 60 * 60_000).toISOString();
  const times = ['--departs', at(out?.departureAt), '--arrives', at(out?.arrivalAt)];
  const ordered = await disrupt(out?.id ?? '', ...times);
  await seen('an offer to its owner', async () => {
    const { body } = await shop.customer.read(booking.id);
    return body.scheduleChange?.id === ordered.id;
  });
  const details = await openDetails(browser, shop, booking);
  await sendUpdate(details, 'acceptScheduleChange', { requestedBy: 'op-7', asOperator: true });
  await details.reload();
  await seeInFrame(details, 'Operator op-7 accepts the new times.');
  await see(details, 'Running');
  await details.close();
  expect((await shop.customer.read(booking.id)).body).toMatchObject({
    status: 'booked',
    scheduleChange: { actionTaken: 'accepted', availableActions: [] },
  });
});
