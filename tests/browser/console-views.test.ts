import type { Browser, Locator } from 'playwright-core';
import type { Booking } from '../../src/domain/booking';
import { COUPLE, type LocalShop } from '../e2e/local-shop';
import { takePicture } from './browser';
import {
  accessibilityFindings,
  chooseFlight,
  dayAhead,
  DESKTOP,
  hold,
  isWiderThanItsWindow,
  leave,
  openConsole,
  openConsoleShop,
  pay,
  PHONE,
  signIn,
  type Visitor,
} from './console-visitor';

/**
 * Every view of the console, on a desktop in light colours and on a phone in dark ones: axe finds
 * nothing, and nothing is wider than the window.
 */

let shop: LocalShop;
let browser: Browser;
let close: () => Promise<void>;
let booked: Booking;

beforeAll(async () => {
  ({ browser, shop, close } = await openConsoleShop());
  booked = await shop.holdTwo(await shop.findFlight('SFO', COUPLE.length));
  expect(await shop.customer.pay(booked)).toMatchObject({ status: 201 });
});

afterAll(() => close());

const WINDOWS = [
  ['desktop', { viewport: DESKTOP, colorScheme: 'light' }],
  ['phone', { viewport: PHONE, colorScheme: 'dark' }],
] as const;

/** The pictures that the documentation shows. */
const PICTURES = [
  'console-book-desktop',
  'console-pay-phone',
  'console-seats-phone',
  'console-timeline-desktop',
];

/** What is looked at, by the name of the view that it was found in. */
async function lookAt(
  page: Visitor,
  view: string,
  { as, of }: { as?: string; of?: Locator } = {},
): Promise<void> {
  const isWide = await isWiderThanItsWindow(page);
  expect({ view, isWide, findings: await accessibilityFindings(page) }).toEqual({
    view,
    isWide: false,
    findings: [],
  });
  if (as !== undefined && PICTURES.includes(as))
    await takePicture(page, as, { size: page.viewportSize() ?? DESKTOP, ...(of && { of }) });
}

test.each(WINDOWS)('of a customer, on a %s', async (width, window) => {
  const page = await openConsole(browser, shop, window);
  await lookAt(page, 'search');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Token').waitFor();
  await lookAt(page, 'sign in');
  await signIn(page, shop, 'ada');
  await chooseFlight(page, { date: dayAhead(1) });
  await page
    .getByRole('button', { name: /^\d+[A-Z], free/ })
    .first()
    .click();
  await lookAt(page, 'flights, passengers and seats', {
    as: `console-book-${width}`,
    of: page.getByRole('form', { name: 'Passengers' }),
  });
  await hold(page, ['Ada', 'Lovelace']);
  await lookAt(page, 'pay', { as: `console-pay-${width}` });
  await page.getByLabel('Sandbox card').selectOption({ label: 'Declined' });
  await page.getByRole('button', { name: /^Pay \$/ }).click();
  await page.getByRole('alert').waitFor();
  await lookAt(page, 'a declined card');
  await page.getByLabel('Sandbox card').selectOption({ label: 'Visa that works' });
  await pay(page);
  await lookAt(page, 'a booking');
  await page.getByRole('button', { name: 'Look at the seats' }).click();
  await page
    .getByRole('button', { name: /^\d+[A-Z], free/ })
    .first()
    .click();
  await lookAt(page, 'choose other seats', { as: `console-seats-${width}` });
  await page.getByRole('button', { name: 'Keep the seats' }).click();
  await page.getByRole('button', { name: 'Correct Ada Lovelace' }).click();
  await page.getByRole('dialog').waitFor();
  await lookAt(page, 'correct a name');
  await page.keyboard.press('Escape');
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
  await leave(page);
});

test.each(WINDOWS)('of an operator, on a %s', async (width, window) => {
  const page = await openConsole(browser, shop, window);
  await signIn(page, shop, 'op-7', 'operator');
  await page.getByRole('link', { name: 'Bookings', exact: true }).click();
  await page.getByLabel('Reference').fill(booked.reference);
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('link', { name: booked.reference }).waitFor();
  await lookAt(page, 'bookings');
  await page.getByRole('link', { name: booked.reference }).click();
  await page.getByText('pays for the booking', { exact: true }).waitFor();
  await page.getByRole('listitem').filter({ hasText: 'ledger' }).first().waitFor();
  await lookAt(page, 'a booking', { as: `console-timeline-${width}` });
  await page.getByRole('link', { name: 'Flights' }).click();
  await page.getByLabel('Day of departure').fill(dayAhead(1));
  await page.getByLabel('From').fill('EWR');
  await page.getByLabel('To').fill('SFO');
  await page
    .getByRole('button', { name: `Cancel or move ${booked.flight.flightNumber}` })
    .waitFor();
  await lookAt(page, 'flights');
  await page.getByRole('button', { name: `Cancel or move ${booked.flight.flightNumber}` }).click();
  await page.getByText(/Would reach/).waitFor();
  await lookAt(page, 'a schedule change before it is made');
  await leave(page);
});

test.each(WINDOWS)('of what needs a person, on a %s', async (_, window) => {
  const page = await openConsole(browser, shop, window);
  await signIn(page, shop, 'op-7', 'operator');
  await page.getByText('Nothing needs a person.').waitFor();
  await lookAt(page, 'needs a person');
  await leave(page);
});
