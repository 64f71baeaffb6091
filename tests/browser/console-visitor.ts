import AxeBuilder from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { buildConsole } from '../../scripts/stack/console-build';
import { daysAfter } from '../../src/activities/flight-schedule/local-time';
import { localDateOf } from '../../src/domain/local-date';
import { mintToken } from '../../src/cli/mint';
import { openLocalShop, STACK, type LocalShop } from '../e2e/local-shop';
import { openBrowser } from './browser';
import { PATIENCE_MS } from '../support/patience';

/** Those who use the console, in a window of theirs. */

export const DESKTOP = { width: 1280, height: 900 };
export const PHONE = { width: 360, height: 740 };

/**
 * A browser, and a local stack that serves the console as it is now. Seats are held for a quarter of
 * an hour, and flights are on sale for some days.
 */
export async function openConsoleShop(): Promise<{
  browser: Browser;
  shop: LocalShop;
  close(): Promise<void>;
}> {
  // First of all: without a browser there is no need to wait for the rest.
  const browser = await openBrowser();
  try {
    await buildConsole();
    const env = { SCHEDULE_DAYS: '6' };
    const shop = await openLocalShop({ ...STACK, paymentWindowSeconds: 900, env });
    const close = async () => {
      await browser.close();
      await shop.close();
    };
    return { browser, shop, close };
  } catch (error) {
    await browser.close();
    throw error;
  }
}

/** The day so many days from now, where the flights of the tests depart. */
export const dayAhead = (days: number): string =>
  daysAfter(localDateOf(new Date(), 'America/New_York'), days);

/** Closes a window, in which nothing must have gone wrong. */
export async function leave(page: Visitor): Promise<void> {
  expect(page.faults).toEqual([]);
  await page.context().close();
}

export type Visitor = Page & { readonly faults: string[] };

/** Opens the console. What its scripts complain about is in `faults`, and should be nothing. */
export async function openConsole(
  browser: Browser,
  shop: LocalShop,
  {
    viewport = DESKTOP,
    colorScheme = 'light',
  }: { viewport?: typeof DESKTOP; colorScheme?: 'light' | 'dark' } = {},
): Promise<Visitor> {
  // Axe needs a context of its own.
  const context = await browser.newContext({ viewport, colorScheme, locale: 'en-US' });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const faults: string[] = [];
  page.on('pageerror', ({ message }) => faults.push(message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(message.text());
  });
  await page.goto(`${shop.url}/console/`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return Object.assign(page, { faults });
}

export async function tokenFor({ env }: LocalShop, sub: string, scope: string): Promise<string> {
  const {
    AUTH_JWT_SECRET: secret = '',
    AUTH_ISSUER: issuer = '',
    AUTH_AUDIENCE: audience = '',
  } = env;
  return await mintToken({ secret, issuer, audience }, { sub, scope, expiresIn: '1h' });
}

/** Signs in by a token, as everywhere but on the local stack's own address. */
export async function signIn(
  page: Page,
  shop: LocalShop,
  sub: string,
  scope: 'bookings' | 'operator' = 'bookings',
): Promise<void> {
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Token').fill(await tokenFor(shop, sub, scope));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText(sub, { exact: true }).waitFor();
}

/** Goes from the search to the form of the passengers, for one adult with a fare that can be changed. */
export async function chooseFlight(
  page: Page,
  { from = 'EWR', to = 'SFO', date }: { from?: string; to?: string; date: string },
): Promise<void> {
  await page.getByLabel('From').fill(from);
  await page.getByLabel('To').fill(to);
  await page.getByLabel('Outbound', { exact: true }).fill(date);
  await page.getByRole('button', { name: 'Search flights' }).click();
  await page
    .getByRole('radio', { name: /, direct.*, changeable/ })
    .first()
    .check();
}

/** Takes the seats off sale, and waits until the clock runs. */
export async function hold(page: Page, [givenName, familyName]: [string, string]): Promise<void> {
  await page.getByLabel('Given name').fill(givenName);
  await page.getByLabel('Family name').fill(familyName);
  await page.getByRole('button', { name: /^Hold \d seat/ }).click();
  await page.getByRole('timer').waitFor();
}

export async function pay(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Pay \$/ }).click();
  await page.getByText('Paid. Your seats are yours.').waitFor();
}

/** What axe finds wrong with the page as it is now, by rule and element. */
export async function accessibilityFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary ?? ''}`),
  );
}

export const isWiderThanItsWindow = (page: Page): Promise<boolean> =>
  page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');
