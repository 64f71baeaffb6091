import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { ROOT } from '../../scripts/stack/settings';
import { viewLinks } from '../../scripts/stack/ui-views';
import type { Booking } from '../../src/domain/booking';
import { COUPLE, openLocalShop, seen, type LocalShop, STACK } from '../e2e/local-shop';
import { openBrowser, openPage, takePicture } from './browser';
import {
  expectNoSight,
  fillIn,
  foldNavigation,
  formOf,
  openDetails,
  openPageAsOperator,
  see,
  seeInFrame,
  sendUpdate,
  submit,
  temporalUiOf,
} from './operator';

/** What operators do in Temporal's own UI, by its form, as its pages tell them to. */

const doors: { close(): Promise<unknown> }[] = [];
let browser: Browser;
let shop: LocalShop;

beforeAll(async () => {
  browser = await openBrowser();
  doors.push(browser);
  // Nobody is to wait for a deadline here: operators read before they act.
  shop = await openLocalShop({ ...STACK, paymentWindowSeconds: 900 });
  doors.push(shop);
});

afterAll(async () => {
  for (const door of doors) await door.close();
});

const CANCELLATION = { requestedBy: 'op-7', asOperator: true, reason: 'aircraft change' };

const [RUNBOOK_LINK = ''] =
  /http\S+savedQuery=Pending%20now/.exec(
    readFileSync(path.join(ROOT, 'docs/operations.md'), 'utf8'),
  ) ?? [];

async function hold(): Promise<Booking> {
  return shop.holdTwo(await shop.findFlight('SFO', COUPLE.length));
}

test("a booking's page says what it is, how it stands, and what may be done", async () => {
  const booking = await hold();
  const page = await openDetails(browser, shop, booking);
  for (const text of [
    `${booking.flight.flightNumber} EWR → SFO, 2 economy seats`,
    `Booking ${booking.reference}`,
    'Newark Liberty International Airport → San Francisco',
    'cancels the booking, and puts its seats back on sale',
    '"reason": "aircraft change"',
    'docs/operations.md',
    'Waiting for a payment.',
  ])
    await seeInFrame(page, text);
  for (const { familyName } of COUPLE) expect(await textOf(page)).not.toContain(familyName);
  await takePicture(page, 'temporal-ui-booking', {
    height: 820,
    of: page.locator('main'),
    arrange: async () => {
      await foldNavigation(page);
      await seeInFrame(page, 'docs/operations.md');
    },
  });
  await page.close();
});

test('an update that is sent by the form cancels the booking; UI, API and history say so, who did and why', async () => {
  const booking = await hold();
  const page = await openDetails(browser, shop, booking);
  const encoded = page.waitForResponse((response) => response.url().includes('/codec/encode'));
  await fillIn(page, 'cancelBooking', CANCELLATION);
  await takePicture(page, 'temporal-ui-update', { height: 760, of: formOf(page) });
  await submit(page);
  // What the form sends is encrypted on the way, as all else is.
  expect((await encoded).status()).toBe(200);
  await formOf(page).waitFor({ state: 'hidden' });

  await page.reload();
  await see(page, 'Completed');
  await seeInFrame(page, 'Operator op-7 cancels the booking: aircraft change');
  await seeInFrame(page, 'The booking is cancelled: operator_request.');
  expect((await shop.customer.read(booking.id)).body).toMatchObject({
    status: 'cancelled',
    cancellationReason: 'operator_request',
  });
  expect((await shop.customer.events(booking)).body.data.at(-1)).toMatchObject({
    type: 'cancelled',
    actor: 'airline',
    reason: 'aircraft change',
  });
  await page.close();
});

test('a booking that is paid for is cancelled by the form, too', async () => {
  const booking = await hold();
  expect(await shop.customer.pay(booking)).toMatchObject({ status: 201 });
  const page = await openDetails(browser, shop, booking);
  await see(page, 'Running');
  await sendUpdate(page, 'cancelBooking', CANCELLATION);
  await page.reload();
  await seeInFrame(page, 'Operator op-7 cancels the booking: aircraft change');
  await seeInFrame(page, 'The booking is cancelled: operator_request.');
  expect((await shop.customer.read(booking.id)).body).toMatchObject({
    status: 'cancelled',
    refund: { amount: booking.price.amount },
  });
  // Once the money has gone back, nothing of it can change any more.
  await seen('its end', async () => {
    const ended = `WorkflowId = '${booking.workflowId}' AND ExecutionStatus = 'Completed'`;
    return (await shop.findWorkflows(ended)).length === 1;
  });
  await page.close();
});

test('an update without a field is refused, and the form names the field and shows an example', async () => {
  const booking = await hold();
  const page = await openDetails(browser, shop, booking);
  await fillIn(page, 'cancelBooking', { requestedBy: 'op-7' });
  await submit(page);
  await see(
    page,
    'cancelBooking takes { requestedBy, asOperator, reason?, note?, expectedRefund? }. Missing: asOperator.',
  );
  await see(page, 'Example: {"requestedBy":"op-7","asOperator":true,"reason":"aircraft change"');
  expect((await shop.customer.read(booking.id)).body).toMatchObject({ status: 'pending' });
  expect((await shop.customer.events(booking)).body.data).toHaveLength(1);
  await page.close();
});

test('a retry while nobody pays is refused, and the form says why', async () => {
  const booking = await hold();
  const page = await openDetails(browser, shop, booking);
  await fillIn(page, 'retryPayment', { requestedBy: 'op-7', note: 'the provider is back' });
  await submit(page);
  await see(page, 'No card payment of this booking is being made');
  await page.close();
});

test('the saved views of the list find what they say: pending, declined, by reference, by flight', async () => {
  const [declined, cancelled] = [await hold(), await hold()];
  const refused = await shop.customer.pay(declined, { paymentMethod: 'pm_card_chargeDeclined' });
  expect(refused).toMatchObject({ status: 402 });
  expect(await shop.customer.cancel(cancelled)).toMatchObject({ status: 200 });
  const page = await openPageAsOperator(browser, shop);
  for (const name of ['Pending now', 'Card declined']) {
    await openView(page, name);
    await see(page, declined.workflowId);
    await expectNoSight(page, cancelled.workflowId);
  }
  await openView(page, 'Needs an operator');
  await see(page, '0 Workflows');

  await openLink(page, 'By reference', ['ABC234', cancelled.reference]);
  await see(page, cancelled.workflowId);
  await expectNoSight(page, declined.workflowId);
  await openLink(page, 'By flight', ['UA1287', declined.flight.flightNumber]);
  for (const { workflowId } of [declined, cancelled]) await see(page, workflowId);
  await page.close();
});

test('a link of the runbook saves its view in a browser that was not set up', async () => {
  const page = await openPage(browser);
  // As on a UI that is not behind the local stack's address.
  await page.addInitScript("localStorage.setItem('flight-bookings-views', '1')");
  await page.goto(
    RUNBOOK_LINK.replace('http://127.0.0.1:8233', new URL(temporalUiOf(shop)).origin),
  );
  // The view that is open names the menu of all saved views.
  await page.getByRole('button', { name: 'Pending now' }).waitFor();
  await page.goto(new URL(temporalUiOf(shop)).origin);
  await page.getByRole('button', { name: /Saved Views/ }).click();
  await see(page, 'Pending now');
  await page.close();
});

test('a declined card is explained in words, and the reference is in summary and memo', async () => {
  const booking = await hold();
  await shop.customer.pay(booking, { paymentMethod: 'pm_card_chargeDeclinedInsufficientFunds' });
  const page = await openDetails(browser, shop, booking);
  await seeInFrame(page, `${booking.reference} · ${booking.flight.flightNumber}`);
  await seeInFrame(page, 'The card was declined: not enough money on the account');
  await page.getByRole('tab', { name: 'Memo' }).click();
  await see(page, booking.reference);
  await page.close();
});

/** Opens a saved view of the list by its name. */
async function openView(page: Page, name: string): Promise<void> {
  await page.goto(new URL(temporalUiOf(shop)).origin);
  await page.getByRole('button', { name: /Saved Views/ }).click();
  await page.getByText(name, { exact: true }).click();
}

/** Follows the link of a view, with an example in it replaced. */
async function openLink(page: Page, name: string, [example, own]: [string, string]): Promise<void> {
  const link = viewLinks('default').find((view) => view.name === name)?.path ?? '';
  expect(link).toContain(example);
  await page.goto(new URL(link.replace(example, own), temporalUiOf(shop)).href);
}

/** All that a page and its frames say. */
async function textOf(page: Page): Promise<string> {
  const texts: string[] = [];
  await seen('all frames', async () => {
    texts.length = 0;
    for (const frame of page.frames()) {
      const text = await frame
        .locator('body')
        .innerText()
        .catch(() => undefined);
      if (text === undefined) return false;
      texts.push(text);
    }
    return true;
  });
  return texts.join('\n');
}
