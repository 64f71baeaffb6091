import type { Browser, Page } from 'playwright-core';
import type { Booking } from '../../src/domain/booking';
import { COUPLE, openLocalShop, seen, type LocalShop, STACK } from '../e2e/local-shop';
import { openBrowser, takePicture } from './browser';
import { foldNavigation, openPageAsOperator, see, seeInFrame, temporalUiOf } from './operator';

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
}, 300_000);

afterAll(async () => {
  for (const door of doors) await door.close();
});

const CANCELLATION = { requestedBy: 'op-7', asOperator: true, reason: 'aircraft change' };

async function hold(): Promise<Booking> {
  return shop.holdTwo(await shop.findFlight('SFO', COUPLE.length));
}

async function openDetails({ workflowId }: Booking): Promise<Page> {
  const page = await openPageAsOperator(browser, shop);
  await page.goto(`${temporalUiOf(shop)}/workflows/${workflowId}`);
  await page.getByRole('tab', { name: 'User Metadata' }).click();
  return page;
}

const formOf = (page: Page) => page.getByRole('dialog');

/** Opens the form, and fills it in. */
async function fillIn(page: Page, name: string, data: object): Promise<void> {
  await page.getByRole('button', { name: 'More Actions' }).click();
  await page.getByRole('menuitem', { name: 'Send an Update' }).click();
  const form = formOf(page);
  await form.getByTestId('update-select-button').click();
  await form.getByRole('option', { name }).click();
  const editor = form.getByRole('textbox', { name: 'Data' });
  await editor.click();
  await page.keyboard.insertText(JSON.stringify(data));
  // Left alone, the editor sets each field on a line of its own, which moves the button.
  await editor.blur();
}

const submit = (page: Page) => formOf(page).getByRole('button', { name: 'Submit' }).click();

test("a booking's page says what it is, how it stands, and what may be done", async () => {
  const booking = await hold();
  const page = await openDetails(booking);
  for (const text of [
    `${booking.flight.flightNumber} EWR → SFO, 2 economy seats`,
    `Booking ${booking.reference}`,
    'Newark Liberty International Airport → San Francisco',
    'cancels it while it is unpaid',
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
  const page = await openDetails(booking);
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

test('an update that lacks something is refused, and the form says what it takes', async () => {
  const booking = await hold();
  const page = await openDetails(booking);
  await fillIn(page, 'cancelBooking', { requestedBy: 'op-7' });
  await submit(page);
  await see(
    page,
    'cancelBooking takes { requestedBy, asOperator, reason?, note?, expectedRefund? }',
  );
  expect((await shop.customer.read(booking.id)).body).toMatchObject({ status: 'pending' });
  expect((await shop.customer.events(booking)).body.data).toHaveLength(1);
  await page.close();
});

test('a retry while nobody pays is refused, and the form says why', async () => {
  const booking = await hold();
  const page = await openDetails(booking);
  await fillIn(page, 'retryPayment', { requestedBy: 'op-7', note: 'the provider is back' });
  await submit(page);
  await see(page, 'No card payment of this booking is being made');
  await page.close();
});

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
