import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import type { Booking } from '../../src/domain/booking';
import { COUPLE, type LocalShop } from '../e2e/local-shop';
import {
  chooseFlight,
  dayAhead,
  hold,
  leave,
  openConsole,
  openConsoleShop,
  pay,
  signIn,
  tokenFor,
  type Visitor,
} from './console-visitor';

/** What a customer does in the console, with the mouse, with the keyboard alone, and with others. */

let shop: LocalShop;
let browser: Browser;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ browser, shop, close } = await openConsoleShop());
});

afterAll(() => close());

/** The booking that the page shows. */
async function shownBooking(page: Page): Promise<Booking> {
  const id = /bookings\/([\w-]+)$/.exec(page.url())?.[1] ?? '';
  const { body } = await shop.customer.get<Booking>(`/api/v1/bookings/${id}`);
  return body;
}

const seat = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true });

test('a person books and pays in under a minute', async () => {
  const page = await openConsole(browser, shop);
  const startedAt = Date.now();
  await signIn(page, shop, 'ada');
  await chooseFlight(page, { date: dayAhead(1) });
  await seat(page, /^1\dC, free/)
    .first()
    .click();
  await hold(page, ['Ada', 'Lovelace']);
  await pay(page);
  const tookMs = Date.now() - startedAt;
  expect(await shownBooking(page)).toMatchObject({
    status: 'booked',
    passengers: [{ familyName: 'Lovelace', seatNumber: expect.stringMatching(/^1\dC$/) }],
  });
  expect(tookMs).toBeLessThan(60_000);
  await leave(page);
});

/** More than a page has to offer, a few times over: what is waited for may come meanwhile. */
const MOST_STEPS = 600;
const STEP_MS = 50;

/** Presses a key, Tab unless said otherwise, until what has the focus is called so. */
async function moveTo(page: Page, name: RegExp, key = 'Tab'): Promise<void> {
  const passed: string[] = [];
  while (passed.length < MOST_STEPS) {
    await page.keyboard.press(key);
    const focused: string = await page.evaluate(`(() => {
      const element = document.activeElement;
      const label = element.labels?.[0]?.textContent ?? '';
      return label || element.getAttribute('aria-label') || element.textContent;
    })()`);
    if (name.test(focused)) return;
    passed.push(focused.slice(0, 40));
    await wait(STEP_MS);
  }
  throw new Error(`Not reached: ${String(name)}. Passed: ${passed.slice(-40).join(' | ')}`);
}

test('all of it can be done with the keyboard alone', async () => {
  const page = await openConsole(browser, shop);
  await moveTo(page, /^Sign in$/);
  await page.keyboard.press('Enter');
  await moveTo(page, /^Token$/);
  await page.keyboard.insertText(await tokenFor(shop, 'ada', 'bookings'));
  await page.keyboard.press('Enter');
  await moveTo(page, /^From$/);
  await page.keyboard.type('EWR');
  await moveTo(page, /^To$/);
  await page.keyboard.type('SFO');
  // The calendar is one stop; its arrows lead from day to day, over the ends of weeks and months.
  await moveTo(page, /^\w+day \d/);
  const shown = page.getByText(/^Outbound: EWR–SFO, /);
  const month = await shown.textContent();
  for (const key of ['ArrowDown', 'ArrowUp']) {
    for (let week = 0; week < 5; week++) {
      await page.keyboard.press(key);
      await wait(STEP_MS);
    }
    expect((await shown.textContent()) === month).toBe(key === 'ArrowUp');
  }
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await moveTo(page, /^From$/);
  await page.keyboard.press('Enter');
  await page
    .getByRole('radio', { name: /, direct/ })
    .first()
    .waitFor();
  await moveTo(page, /, direct/);
  await page.keyboard.press('Space');
  await page
    .getByRole('button', { name: /^\d+A, free/ })
    .first()
    .waitFor();
  await moveTo(page, /^Given name$/);
  await page.keyboard.type('Grace');
  await moveTo(page, /^Family name$/);
  await page.keyboard.type('Hopper');
  // So are the seats.
  await moveTo(page, /^\d+[A-Z], /);
  await moveTo(page, /^\d+[A-Z], free/, 'ArrowRight');
  await page.keyboard.press('Enter');
  await seat(page, /, Grace Hopper$/).waitFor();
  await moveTo(page, /^Hold 1 seat$/);
  await page.keyboard.press('Enter');
  await page.getByRole('timer').waitFor();
  await moveTo(page, /^Pay \$/);
  await page.keyboard.press('Enter');
  await page.getByText('Paid. Your seats are yours.').waitFor();
  expect(await shownBooking(page)).toMatchObject({
    status: 'booked',
    passengers: [{ givenName: 'Grace' }],
  });
  await leave(page);
});

test('the picture of the seats changes by itself as others take and give back seats', async () => {
  const page = await openConsole(browser, shop);
  await signIn(page, shop, 'ada');
  await chooseFlight(page, { date: dayAhead(3) });
  const name =
    (await seat(page, /^2\dD, free/)
      .first()
      .getAttribute('aria-label')) ?? '';
  const [seatNumber = ''] = name.split(',');
  const chosen = await page
    .getByRole('radio', { name: /, direct/, checked: true })
    .getAttribute('value');
  expect(chosen).not.toBeNull();

  const flightId = chosen?.split(' ')[0] ?? '';
  const booking = await shop.customer.create(
    { id: flightId },
    { passengers: [{ familyName: 'Babbage', seatNumber }] },
  );
  expect(booking).toMatchObject({ status: 201 });
  await seat(page, `${seatNumber}, held`).waitFor();
  expect(await shop.customer.pay(booking.body)).toMatchObject({ status: 201 });
  await seat(page, `${seatNumber}, sold`).waitFor();
  await shop.customer.post(`/api/v1/bookings/${booking.body.id}/cancel`, {});
  await seat(page, `${seatNumber}, free`).waitFor();
  await leave(page);
});

test('a declined card is told, with what to do, and another one works', async () => {
  const page = await openConsole(browser, shop);
  await signIn(page, shop, 'ada');
  await chooseFlight(page, { date: dayAhead(1) });
  await hold(page, ['Ada', 'Lovelace']);
  await page.getByLabel('Sandbox card').selectOption({ label: 'Declined' });
  await page.getByRole('button', { name: /^Pay \$/ }).click();
  const alert = page.getByRole('alert');
  await alert.getByText('Nothing was taken. Pay with another card.').waitFor();
  await page.getByLabel('Sandbox card').selectOption({ label: 'Visa that works' });
  await pay(page);
  await leave(page);
});

test('a bank that asks its customer first: the page waits, and goes on by itself', async () => {
  const page = await openConsole(browser, shop);
  await signIn(page, shop, 'ada');
  await chooseFlight(page, { date: dayAhead(1) });
  await hold(page, ['Ada', 'Lovelace']);
  const payBy = async (card: string) => {
    await page.getByLabel('Sandbox card').selectOption({ label: card });
    await page.getByRole('button', { name: /^Pay \$/ }).click();
    await page.getByText('The bank asks its customer to confirm.').waitFor();
  };

  await payBy('3-D Secure: the customer fails');
  await page.getByRole('alert').getByText('The payment was declined.').waitFor();
  expect(await shownBooking(page)).toMatchObject({
    status: 'pending',
    payment: { status: 'declined' },
  });

  await payBy('3-D Secure: the bank asks first');
  await page.getByText('Paid. Your seats are yours.').waitFor();
  expect(await shownBooking(page)).toMatchObject({
    status: 'booked',
    payment: { status: 'captured' },
  });
  await leave(page);
});

/** Opens what a couple has booked, in the window of the one who did. */
async function openCouplesBooking(): Promise<{ page: Visitor; booking: Booking }> {
  const booking = await shop.holdTwo(await shop.findFlight('SFO', COUPLE.length));
  expect(await shop.customer.pay(booking)).toMatchObject({ status: 201 });
  const page = await openConsole(browser, shop);
  await signIn(page, shop, 'ada');
  await page.getByRole('link', { name: 'My bookings' }).click();
  await page.getByRole('link', { name: booking.reference }).click();
  await page.getByRole('button', { name: 'Look at the seats' }).waitFor();
  return { page, booking };
}

test('a misspelt name is corrected; another person’s is refused, with the reason', async () => {
  const { page, booking } = await openCouplesBooking();
  const [ada] = booking.passengers;
  await page.getByRole('button', { name: 'Correct Ada Lovelace' }).click();
  const dialog = page.getByRole('dialog', { name: 'Correct the name of Ada Lovelace' });
  await dialog.getByLabel('Family name').fill('Babbage');
  await dialog.getByRole('button', { name: 'Correct the name' }).click();
  await dialog.getByRole('alert').waitFor();
  expect((await shownBooking(page)).passengers[0]).toEqual(ada);

  await dialog.getByLabel('Family name').fill('Lovelase');
  await dialog.getByRole('button', { name: 'Correct the name' }).click();
  await page.getByText('Corrected: Ada Lovelase.').waitFor();
  expect((await shownBooking(page)).passengers[0]).toEqual({ ...ada, familyName: 'Lovelase' });
  await leave(page);
});

test('a couple exchanges its seats, then one of them takes a free one', async () => {
  const { page, booking } = await openCouplesBooking();
  const [first, second] = booking.passengers.map(({ seatNumber }) => seatNumber ?? '');
  await page.getByRole('button', { name: 'Look at the seats' }).click();
  await seat(page, `${second ?? ''}, Charles Babbage`).click();
  await seat(page, `${second ?? ''}, Ada Lovelace`).waitFor();
  await page.getByRole('button', { name: 'Change 2 seats' }).click();
  await page.getByText(`Changed: ${second ?? ''}, ${first ?? ''}.`).waitFor();
  expect((await shownBooking(page)).passengers).toMatchObject([
    { seatNumber: second },
    { seatNumber: first },
  ]);

  await page.getByRole('button', { name: 'Look at the seats' }).click();
  const label =
    (await seat(page, /^2\d[A-F], free/)
      .first()
      .getAttribute('aria-label')) ?? '';
  const [free = ''] = label.split(',');
  await seat(page, label).click();
  await seat(page, `${free}, Ada Lovelace`).waitFor();
  // The party may still take back what it leaves.
  await seat(page, `${second ?? ''}, free`).waitFor();
  await page.getByRole('button', { name: 'Change 1 seat', exact: true }).click();
  await page.getByText(`Changed: ${free}.`).waitFor();
  expect((await shownBooking(page)).passengers).toMatchObject([
    { seatNumber: free },
    { seatNumber: first },
  ]);
  await leave(page);
});

test('a name is corrected and a seat chosen by the keyboard alone, which stays where it was', async () => {
  const { page } = await openCouplesBooking();
  await moveTo(page, /^Look at the seats$/);
  await page.keyboard.press('Enter');
  await seat(page, /^\d+A, free/)
    .first()
    .waitFor();
  await moveTo(page, /^\d+[A-Z], /);
  await moveTo(page, /^\d+[A-Z], free/, 'ArrowRight');
  await page.keyboard.press('Enter');
  await moveTo(page, /^Change 1 seat$/);
  await page.keyboard.press('Enter');
  await page.getByText(/^Changed: \d+[A-Z]\.$/).waitFor();
  const focused = () => page.evaluate('document.activeElement.textContent');
  expect(await focused()).toBe('Look at the seats');

  await moveTo(page, /^Correct Charles Babbage$/);
  await page.keyboard.press('Enter');
  await moveTo(page, /^Given name$/);
  await page.keyboard.press('End');
  await page.keyboard.type('s');
  await page.keyboard.press('Enter');
  await page.getByText('Corrected: Charless Babbage.').waitFor();
  // The page says so before it has read the booking again.
  await page.getByRole('button', { name: 'Correct Charless Babbage' }).waitFor();
  expect(await focused()).toBe('Correct Charless Babbage');
  await leave(page);
});

test('a booking is changed for its difference, then cancelled for what was said to come back', async () => {
  const page = await openConsole(browser, shop);
  await signIn(page, shop, 'ada');
  await chooseFlight(page, { date: dayAhead(1) });
  await hold(page, ['Ada', 'Lovelace']);
  await pay(page);

  await page.getByRole('button', { name: 'Look for other flights' }).click();
  await page.getByLabel('New day').fill(dayAhead(3));
  await page
    .getByRole('radio', { name: /, changeable/ })
    .last()
    .check();
  await page.getByRole('button', { name: /^(Pay .* and change|Change)$/ }).click();
  await page.getByText('changed', { exact: true }).waitFor();
  const changed = await shownBooking(page);
  expect(changed.flight.departureAt.slice(0, 10) >= dayAhead(3)).toBe(true);

  await page.getByRole('button', { name: 'What would come back?' }).click();
  const dialog = page.getByRole('dialog');
  const said = (await dialog.getByText('comes back').locator('b').textContent()) ?? '';
  await dialog.getByRole('button', { name: 'Cancel the booking' }).click();
  await page.getByText('cancelled: customer request').waitFor();
  const { refund } = await shownBooking(page);
  expect(`$${((refund?.amount ?? 0) / 100).toFixed(2)}`).toBe(said.replaceAll(',', ''));
  await leave(page);
});

test('after a reload one is signed out: the token was in memory alone', async () => {
  const page = await openConsole(browser, shop);
  await signIn(page, shop, 'ada');
  const stored: unknown = await page.evaluate(
    '[localStorage.length, sessionStorage.length, document.cookie]',
  );
  expect(stored).toEqual([0, 0, '']);
  await page.reload();
  await page.getByRole('link', { name: 'Sign in' }).waitFor();
  await leave(page);
});
