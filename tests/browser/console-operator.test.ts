import type { Browser } from 'playwright-core';
import type { Booking } from '../../src/domain/booking';
import { COUPLE, seen, type LocalShop } from '../e2e/local-shop';
import {
  dayAhead,
  leave,
  openConsole,
  openConsoleShop,
  signIn,
  type Visitor,
} from './console-visitor';

/** What an operator does in the console, and what customers see of it there. */

let shop: LocalShop;
let browser: Browser;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ browser, shop, close } = await openConsoleShop());
});

afterAll(() => close());

async function sellTwo(): Promise<Booking> {
  const booking = await shop.holdTwo(await shop.findFlight('SFO', COUPLE.length));
  expect(await shop.customer.pay(booking)).toMatchObject({ status: 201 });
  return booking;
}

async function openAsOperator(): Promise<Visitor> {
  const page = await openConsole(browser, shop);
  await signIn(page, shop, 'op-7', 'operator');
  return page;
}

test('a booking is found by a name, and cancelled for a reason that staff can read', async () => {
  const booking = await sellTwo();
  const page = await openAsOperator();
  await page.getByRole('link', { name: 'Bookings', exact: true }).click();
  await page.getByLabel('Family name').fill('Babbage');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByRole('link', { name: booking.reference }).click();
  await page.getByRole('button', { name: 'Cancel the booking' }).click();
  const dialog = page.getByRole('dialog');
  const confirm = dialog.getByRole('button', { name: 'Cancel the booking' });
  await confirm.click();
  // Without a reason nothing is done.
  expect(await dialog.locator('input:invalid').count()).toBe(1);
  await dialog.getByLabel('Why').fill('Asked for on the phone');
  await confirm.click();
  await page.getByText('cancelled: operator request').waitFor();
  await page.getByText('Asked for on the phone').first().waitFor();
  expect(await shop.customer.read(booking.id)).toMatchObject({
    body: { status: 'cancelled', refund: { amount: booking.price.amount } },
  });
  await leave(page);
});

test('a flight is moved, its customer sees both times in the console, and accepts', async () => {
  const booking = await sellTwo();
  const { flight } = booking;
  const operator = await openAsOperator();
  await operator.getByRole('link', { name: 'Flights' }).click();
  await operator.getByLabel('Day of departure').fill(dayAhead(1));
  await operator.getByLabel('From').fill('EWR');
  await operator.getByLabel('To').fill('SFO');
  await operator.getByRole('button', { name: `Cancel or move ${flight.flightNumber}` }).click();
  const dialog = operator.getByRole('dialog');
  await dialog.getByText(/Would reach \d+ passengers/).waitFor();
  await dialog.getByText('It is moved').click();
  const departure = dialog.getByLabel('New departure, in your own time');
  const later = new Date(Date.parse(`${await departure.inputValue()}Z`) + 5 * 3_600_000);
  await departure.fill(later.toISOString().slice(0, 16));
  await dialog.getByLabel('Why').fill('Fog in Newark');
  await dialog.getByRole('button', { name: 'Move the flight' }).click();
  await dialog.getByText('The flight is moved').waitFor();

  const customer = await openConsole(browser, shop);
  await signIn(customer, shop, 'ada');
  await customer.goto(`${shop.url}/console/#/bookings/${booking.id}`);
  await customer.getByRole('heading', { name: 'A flight was moved' }).waitFor();
  await customer.getByRole('button', { name: 'Accept the new times' }).click();
  await customer.getByText('You have accepted it.').waitFor();
  await seen('the settled booking', async () => {
    const [affected, settled] = await dialog.getByRole('definition').allTextContents();
    return affected !== '0' && settled === affected;
  });
  await leave(customer);
  await leave(operator);
});

test('on the stack’s own address a click signs in, kills the worker, and checks the books after it', async () => {
  const page = await openConsole(browser, shop);
  await page.goto(/Console +(http:\S+)/.exec(shop.output())?.[1] ?? '');
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Name').fill('op-7');
  await page.getByLabel('As').selectOption('operator');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('link', { name: 'Local stack' }).click();
  const [worker] = shop.workers();
  await page.getByRole('button', { name: 'Kill the worker' }).click();
  await page.getByText(`Process ${worker} was killed.`).waitFor();
  await seen('another worker', () => shop.workers()[0] !== worker);
  await page.getByText('The books were checked at').waitFor({ timeout: 90_000 });
  await page.getByText('ok', { exact: true }).waitFor();
  await page.getByRole('link', { name: 'What the local stack offers, described' }).click();
  await page.getByText('/local/kill-worker').waitFor();
  await leave(page);
});
