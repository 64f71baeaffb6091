import type { Browser, Locator, Page } from 'playwright-core';
import { openApi, tokenOf, type ApiUnderTest } from '../support/api';
import { openBrowser, openPage } from './browser';

/** What developers can do on the reference page, in a real browser. */

let browser: Browser;
let backend: ApiUnderTest;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser();
  backend = await openApi();
});

afterAll(async () => {
  await backend.close();
  await browser.close();
});

beforeEach(async () => {
  page = await openPage(browser);
  await page.goto(`${backend.url}/docs`);
});

afterEach(() => page.close());

/** Opens an operation's form. */
async function openForm(operationId: string): Promise<Locator> {
  const form = page.locator(`[id$="-${operationId}"]`);
  await form.locator('.opblock-summary-control').click();
  await form.getByRole('button', { name: 'Execute' }).waitFor();
  return form;
}

/** Sends a form as it is; returns the request that went out. */
async function execute(form: Locator, path: string) {
  const sent = page.waitForRequest((request) => new URL(request.url()).pathname === path);
  await form.getByRole('button', { name: 'Execute' }).click();
  return await sent;
}

test('the search sends what its form shows, and it is a search of a day to come', async () => {
  const form = await openForm('searchFlights');
  const shown = await form
    .locator('.parameters input')
    .evaluateAll((inputs) => inputs.map((input) => (input as unknown as { value: string }).value));
  expect(shown).toEqual(['EWR', 'SFO', expect.stringMatching(/^\d{4}-\d\d-\d\d$/), '1', '20', '']);
  const [origin, destination, date, passengers, limit] = shown;
  const request = await execute(form, '/api/v1/flights');
  expect(Object.fromEntries(new URL(request.url()).searchParams)).toEqual({
    origin,
    destination,
    date,
    passengers,
    limit,
    sort: 'departure',
  });
  expect(Date.parse(date ?? '')).toBeGreaterThan(Date.now());
});

test('the create sends the body that its form shows', async () => {
  const form = await openForm('createBooking');
  const shown = await form.locator('.body-param textarea').inputValue();
  const request = await execute(form, '/api/v1/bookings');
  expect(request.postDataJSON()).toEqual(JSON.parse(shown));
  expect(JSON.parse(shown)).toMatchObject({ passengers: [{ givenName: 'Ada' }, {}] });
});

test('the page says where a token comes from, sends it, and has it after a reload', async () => {
  const token = await tokenOf({ sub: 'ada' });
  await page.getByRole('button', { name: 'Authorize' }).first().click();
  const dialog = page.locator('.dialog-ux');
  await dialog.getByText('npm run --silent token -- --sub ada').waitFor();
  await dialog.getByRole('textbox').fill(token);
  await dialog.getByRole('button', { name: 'Apply credentials' }).click();
  await page.reload();
  const request = await execute(await openForm('listBookings'), '/api/v1/bookings');
  expect(request.headers().authorization).toBe(`Bearer ${token}`);
  expect((await request.response())?.status()).toBe(200);
});
