import type { Browser } from 'playwright-core';
import { dateIn, daysAfter } from '../../src/activities/flight-schedule/local-time';
import type { Booking } from '../../src/domain/booking';
import { COUPLE, openLocalShop, STACK, type LocalShop } from '../e2e/local-shop';
import { openBrowser, takePicture } from './browser';
import {
  accessibilityFindings,
  buildConsole,
  chooseFlight,
  DESKTOP,
  hold,
  isWiderThanItsWindow,
  openConsole,
  pay,
  PHONE,
  signIn,
  type Visitor,
} from './console-visitor';

/**
 * Every view of the console, on a desktop in light colours and on a phone in dark ones: axe finds
 * nothing, and nothing is wider than the window.
 */

const doors: { close(): Promise<unknown> }[] = [];
let browser: Browser;
let shop: LocalShop;
let tomorrow: string;
let booked: Booking;

beforeAll(async () => {
  browser = await openBrowser();
  doors.push(browser);
  await buildConsole();
  tomorrow = daysAfter(dateIn('America/New_York', new Date()), 1);
  shop = await openLocalShop({ ...STACK, paymentWindowSeconds: 900, env: { SCHEDULE_DAYS: '6' } });
  doors.push(shop);
  const flight = await shop.findFlight('SFO', COUPLE.length);
  booked = await shop.holdTwo(flight);
  expect(await shop.customer.pay(booked)).toMatchObject({ status: 201 });
}, 300_000);

afterAll(async () => {
  for (const door of doors) await door.close();
});

const WINDOWS = [
  ['desktop', { viewport: DESKTOP, colorScheme: 'light' }],
  ['phone', { viewport: PHONE, colorScheme: 'dark' }],
] as const;

/** What is looked at, by the name of the view that it was found in. */
async function lookAt(page: Visitor, view: string, { as }: { as?: string } = {}): Promise<void> {
  const isWide = await isWiderThanItsWindow(page);
  expect({ view, isWide, findings: await accessibilityFindings(page) }).toEqual({
    view,
    isWide: false,
    findings: [],
  });
  expect({ view, faults: page.faults }).toEqual({ view, faults: [] });
  if (as !== undefined) await takePicture(page, as, { size: page.viewportSize() ?? DESKTOP });
}

test.each(WINDOWS)('of a customer, on a %s', async (width, window) => {
  const page = await openConsole(browser, shop, window);
  await lookAt(page, 'search');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Token').waitFor();
  await lookAt(page, 'sign in');
  await signIn(page, shop, 'ada');
  await chooseFlight(page, { date: tomorrow });
  await page
    .getByRole('button', { name: /^\d+[A-Z], free/ })
    .first()
    .waitFor();
  await lookAt(page, 'flights, passengers and seats', { as: `console-book-${width}` });
  await hold(page, ['Ada', 'Lovelace']);
  await lookAt(page, 'pay', { as: `console-pay-${width}` });
  await page.getByLabel('Sandbox card').selectOption({ label: 'Declined' });
  await page.getByRole('button', { name: /^Pay \$/ }).click();
  await page.getByRole('alert').waitFor();
  await lookAt(page, 'a declined card');
  await page.getByLabel('Sandbox card').selectOption({ label: 'Visa that works' });
  await pay(page);
  await lookAt(page, 'a booking');
  await page.getByRole('button', { name: 'Look for other flights' }).click();
  await page
    .getByRole('radio', { name: /, changeable/ })
    .last()
    .check();
  await page.getByText('What the change costs').waitFor();
  await lookAt(page, 'change');
  await page.getByRole('button', { name: 'What would come back?' }).click();
  await page.getByRole('dialog').waitFor();
  await lookAt(page, 'cancel');
  await page.keyboard.press('Escape');
  await page.getByRole('link', { name: 'My bookings' }).click();
  await page.getByRole('list', { name: 'My bookings' }).waitFor();
  await lookAt(page, 'my bookings');
  await page.context().close();
});

test.each(WINDOWS)('of an operator, on a %s', async (width, window) => {
  const page = await openConsole(browser, shop, window);
  await signIn(page, shop, 'op-7', 'operator');
  await page.getByText('Nothing needs a person.').waitFor();
  await lookAt(page, 'needs a person');
  await page.getByRole('link', { name: 'Bookings', exact: true }).click();
  await page.getByLabel('Reference').fill(booked.reference);
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('link', { name: booked.reference }).waitFor();
  await lookAt(page, 'bookings');
  await page.getByRole('link', { name: booked.reference }).click();
  await page.getByText('pays for the booking').waitFor();
  await page.getByRole('listitem').filter({ hasText: 'ledger' }).first().waitFor();
  await lookAt(page, 'a booking', { as: `console-timeline-${width}` });
  await page.getByRole('link', { name: 'Flights' }).click();
  await page.getByLabel('From').fill('EWR');
  await page.getByLabel('To').fill('SFO');
  await page
    .getByRole('button', { name: `Cancel or move ${booked.flight.flightNumber}` })
    .waitFor();
  await lookAt(page, 'flights', { as: `console-flights-${width}` });
  await page.getByRole('button', { name: `Cancel or move ${booked.flight.flightNumber}` }).click();
  await page.getByText(/Would reach/).waitFor();
  await lookAt(page, 'a schedule change before it is made');
  await page.context().close();
});
