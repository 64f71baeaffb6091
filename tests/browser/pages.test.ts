import type { Browser, Page } from 'playwright-core';
import type { Booking } from '../../src/domain/booking';
import { COUPLE, openLocalShop, seen, type LocalShop } from '../e2e/local-shop';
import { openBrowser, openPage, takePicture } from './browser';
import {
  expectNoSight,
  foldNavigation,
  openPageAsOperator,
  see,
  seeInFrame,
  temporalUiOf,
} from './operator';

/**
 * What operators see of bookings in Temporal's own UI, and what developers see of the API in its
 * reference, in a real browser.
 */

const doors: { close(): Promise<unknown> }[] = [];
let browser: Browser;
let shop: LocalShop;
let temporalUi: string;
let byCard: Booking;
let bySignal: Booking;
let unpaid: Booking;

beforeAll(async () => {
  // First of all: without a browser there is no need to wait for the rest.
  browser = await openBrowser();
  doors.push(browser);
  shop = await openLocalShop();
  doors.push(shop);
  temporalUi = temporalUiOf(shop);

  const flight = await shop.findFlight('SFO', COUPLE.length);
  byCard = await shop.holdTwo(flight);
  expect(await shop.customer.pay(byCard)).toMatchObject({ status: 201 });
  bySignal = await shop.holdTwo(flight);
  expect(await shop.signalPayment(bySignal, 'partner-payment-1')).toMatchObject({ exitCode: 0 });
  unpaid = await shop.holdTwo(flight);
  await seen('three settled bookings in the list', async () => {
    const settled = await shop.findWorkflows('BookingStatus IN ("booked", "cancelled")');
    return settled.length === 3;
  });
});

afterAll(async () => {
  for (const door of doors) await door.close();
});

test('the list opens with reference, status and flight as columns, and finds bookings by status', async () => {
  const page = await openPage(browser);
  await page.goto(new URL(temporalUi).origin);
  await seeColumns(page, COLUMNS);
  for (const { workflowId, reference, flight } of [byCard, bySignal]) {
    const row = page.getByRole('row').filter({ hasText: workflowId });
    for (const text of [reference, flight.flightNumber, 'booked', 'Running'])
      await row.getByText(text).first().waitFor();
  }
  await takePicture(page, 'temporal-ui-bookings', {
    height: 560,
    arrange: () => foldNavigation(page),
  });

  await listBookings(page, 'BookingStatus="cancelled"');
  await see(page, unpaid.workflowId);
  await expectNoSight(page, byCard.workflowId);
  await page.close();
});

test('columns that someone has chosen stay', async () => {
  const page = await openPage(browser);
  await page.goto(new URL(temporalUi).origin);
  await seeColumns(page, COLUMNS);
  await page.getByRole('button', { name: 'Configure Columns' }).click();
  await page.getByRole('button', { name: 'Remove Type column' }).click();
  await page.getByRole('button', { name: 'Close Workflows Table configuration' }).click();
  const chosen = COLUMNS.filter((column) => column !== 'Type');
  await seeColumns(page, chosen);
  await page.reload();
  await seeColumns(page, chosen);
  await page.close();
});

test("a booking's page tells its story: what was sold, each activity by name, and what it waits for", async () => {
  const page = await openPageAsOperator(browser, shop);
  await listBookings(page, `BookingReference="${byCard.reference}"`);
  await page.getByRole('link', { name: byCard.workflowId }).first().click();
  for (const step of [
    'reserveSeats',
    'The booking must be paid for by then',
    'makePayment',
    'payByCard',
    'The last flight leaves then',
  ])
    await see(page, step);

  await page.getByRole('tab', { name: 'User Metadata' }).click();
  await seeInFrame(page, `${byCard.flight.flightNumber} EWR → SFO, 2 economy seats`);
  await seeInFrame(page, 'Newark Liberty International Airport → San Francisco');
  await seeInFrame(page, 'The booking is booked.');

  await page.getByRole('tab', { name: 'Event History' }).click();
  await see(page, 'Workflow Execution Update Completed');
  await see(page, 'Workflow Execution Update Accepted');

  await page.getByRole('tab', { name: 'Search Attributes' }).click();
  await see(page, byCard.reference);
  await page.close();
});

test.each([
  ['paid by another service', () => bySignal, 'The booking is booked.', 'paymentReceived'],
  [
    'not paid for',
    () => unpaid,
    'The booking is cancelled: payment_expired.',
    'The booking must be paid for by then',
  ],
])('a booking that was %s says so', async (_what, booking, state, step) => {
  const page = await openPageAsOperator(browser, shop);
  await page.goto(`${temporalUi}/workflows/${booking().workflowId}`);
  await see(page, step);
  await page.getByRole('tab', { name: 'User Metadata' }).click();
  await seeInFrame(page, state);
  await page.close();
});

test("a booking's state can be asked for", async () => {
  const page = await openPageAsOperator(browser, shop);
  await page.goto(`${temporalUi}/workflows/${unpaid.workflowId}`);
  await page.getByRole('tab', { name: 'Queries' }).click();
  await seen('the query by its name', async () => {
    return (await page.getByTestId('query-select').inputValue()) === 'bookingState';
  });
  await page.getByRole('button', { name: 'Run Query' }).click();
  await see(page, '"cancellationReason": "payment_expired"');
  await page.close();
});

test('who has not come by the link of an operator sees what happened, and not to whom', async () => {
  const showInput = async (page: Page) => {
    await page.goto(`${temporalUi}/workflows/${byCard.workflowId}`);
    for (const step of ['reserveSeats', 'payByCard']) await see(page, step);
  };
  const stranger = await openPage(browser);
  await showInput(stranger);
  await see(stranger, 'Codec Server could not connect');
  expect(await stranger.content()).not.toMatch(/Ada|Lovelace|Charles|Babbage|pm_card_visa/);
  await stranger.close();

  const operator = await openPageAsOperator(browser, shop);
  await showInput(operator);
  for (const name of ['Ada', 'Lovelace', 'Charles', 'Babbage']) await see(operator, name);
  await operator.close();
});

test("a UI on an origin of its own reads with an operator's session, and no other page does", async () => {
  const page = await openPageAsOperator(browser, shop);
  // As a UI does that was told to include credentials.
  const decode = (codec: string) =>
    page.evaluate(async (url) => {
      const options = { method: 'POST', credentials: 'include', body: '{"payloads":[]}' } as const;
      const headers = { 'Content-Type': 'application/json', 'X-Namespace': 'default' };
      const answer = await fetch(`${url}/codec/decode`, { ...options, headers }).catch(String);
      return typeof answer === 'string' ? answer : answer.status;
    }, codec);
  await page.goto(temporalUi);
  expect(await decode(shop.url)).toBe(200);
  await page.goto(temporalUi.replace('127.0.0.1', 'localhost'));
  expect(await decode(shop.url)).toBe('TypeError: Failed to fetch');
  await page.close();
});

test('the API reference comes from our own server alone, and its operations can be tried out', async () => {
  const page = await openPage(browser);
  const hosts = new Set<string>();
  const complaints: string[] = [];
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });

  await page.goto(`${shop.url}/docs`);
  for (const operation of ['Search flights', 'Hold seats', 'Pay for a booking', 'Health check'])
    await see(page, operation);
  await takePicture(page, 'api-docs');

  const info = page.locator('.opblock').filter({ hasText: '/api/v1/info' });
  await info.getByRole('button', { name: '/api/v1/info' }).first().click();
  await info.getByRole('button', { name: 'Execute' }).click();
  const answer = info.locator('.live-responses-table');
  await answer.getByText('200').first().waitFor();
  await answer.getByText('"flight-bookings"').first().waitFor();

  expect([...hosts]).toEqual([new URL(shop.url).host]);
  expect(complaints).toEqual([]);
  await page.close();
});

/** The list's columns, from left to right. */
const COLUMNS = [
  ...['Status', 'BookingReference', 'BookingStatus', 'FlightNumber', 'PaymentDeadline'],
  ...['RefundStatus', 'Workflow ID', 'Type', 'Start'],
];

async function seeColumns(page: Page, columns: string[]): Promise<void> {
  await seen(`the columns ${columns.join(', ')}`, async () => {
    const shown = await page.getByRole('columnheader').allInnerTexts();
    // Before them is one to select workflows by, once there are some.
    return shown.slice(-columns.length).join() === columns.join();
  });
}

async function listBookings(page: Page, query: string): Promise<void> {
  await page.goto(`${temporalUi}/workflows?query=${encodeURIComponent(query)}`);
}
