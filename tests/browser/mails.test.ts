import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { ROOT } from '../../scripts/stack/settings';
import { compose } from '../../src/notifications/mail/compose';
import { bookingOf, mailOf, ROUND_TRIP, SAMPLES, SENDER } from '../support/mail-samples';
import { openBrowser } from './browser';

/** Mails as passengers see them, on a desktop and on a phone. */

let browser: Browser;

beforeAll(async () => {
  browser = await openBrowser();
});

afterAll(() => browser.close());

const DESKTOP = { width: 760, height: 900 };
const PHONE = { width: 360, height: 740 };

async function show(mail: Parameters<typeof compose>[0], viewport = DESKTOP): Promise<Page> {
  const page = await browser.newPage({ viewport });
  await page.setContent(compose(mail, SENDER).html);
  return page;
}

async function picture(page: Page, name: string): Promise<void> {
  if (!process.env.SCREENSHOTS) return;
  const folder = path.join(ROOT, 'docs/images');
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `mail-${name}.png`), fullPage: true });
}

const isWiderThanItsWindow = (page: Page) =>
  page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');

describe.each(Object.entries(SAMPLES))('a mail of the kind %s', (kind, mail) => {
  test('has one heading, and says what it is about', async () => {
    const page = await show(mail);
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    expect(await page.title()).toBe(compose(mail, SENDER).subject);
    await picture(page, kind.replace('_', '-'));
    await page.close();
  });

  test('fits a phone', async () => {
    const page = await show(mail, PHONE);
    expect(await isWiderThanItsWindow(page)).toBe(false);
    if (kind === 'booked') await picture(page, 'booked-phone');
    await page.close();
  });

  test('asks for nothing from anywhere: no picture, no font, no script', async () => {
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.setContent(compose(mail, SENDER).html, { waitUntil: 'networkidle' });
    expect(asked).toEqual([]);
    await page.close();
  });
});

test.each([
  ['without a blank', 'W'.repeat(200)],
  ['of many words', 'Pablo Diego José Francisco de Paula Juan Nepomuceno '.repeat(3).trim()],
])('a very long name %s stays within the mail, on a phone too', async (_, familyName) => {
  const passengers = [{ givenName: 'Ada', familyName, type: 'adult' as const, seatNumber: '14A' }];
  const page = await show(mailOf('booked', bookingOf(ROUND_TRIP, { passengers })), PHONE);
  expect(await isWiderThanItsWindow(page)).toBe(false);
  await page.close();
});

test('a name that is a script is read, not run', async () => {
  const familyName = '<script>document.title = "caught"</script>';
  const passengers = [{ givenName: 'Ada', familyName, type: 'adult' as const, seatNumber: '14A' }];
  const page = await show(mailOf('booked', bookingOf(ROUND_TRIP, { passengers })));
  await page.getByText(`Ada ${familyName}`).waitFor();
  expect(await page.title()).not.toBe('caught');
  await page.close();
});
