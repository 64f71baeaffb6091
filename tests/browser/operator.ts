import type { Browser, Locator, Page } from 'playwright-core';
import { runCommand } from '../../scripts/stack/commands';
import type { Booking } from '../../src/domain/booking';
import { seen, type LocalShop } from '../e2e/local-shop';
import { openPage } from './browser';
import { PATIENCE_MS } from '../support/patience';

/** Where Temporal's UI shows the bookings of a shop. */
export function temporalUiOf({ env }: LocalShop): string {
  return `${env.TEMPORAL_UI_URL ?? ''}/namespaces/default`;
}

/**
 * A page of someone who has followed the link that `npm run temporal-ui` prints for operators.
 */
export async function openPageAsOperator(browser: Browser, shop: LocalShop): Promise<Page> {
  const page = await openPage(browser);
  await page.goto(await operatorLink(shop));
  await page.waitForURL(`${new URL(temporalUiOf(shop)).origin}/**`);
  return page;
}

async function operatorLink({ place }: LocalShop): Promise<string> {
  const { stdout, stderr } = await runCommand('npm', ['run', '--silent', 'temporal-ui'], {
    timeoutMs: PATIENCE_MS,
    env: { ...process.env, NODE_ENV: undefined, DATA_DIR: place.dataDir },
  });
  const link = stdout.trim();
  if (!/^http\S+\/codec\/session\?code=[\w-]+$/.test(link))
    throw new Error(`No link for operators:\n${stdout}${stderr}`);
  return link;
}

/** Waits until a person would see the text. */
export async function see(page: Page, text: string): Promise<void> {
  await page.getByText(text).filter({ visible: true }).first().waitFor();
}

/** To be asked after what should be there is there. */
export async function expectNoSight(page: Page, text: string): Promise<void> {
  expect(await page.getByText(text).count()).toBe(0);
}

/**
 * Temporal's UI renders what workflows say of themselves in frames of their own, one for each text.
 */
export async function seeInFrame(page: Page, text: string): Promise<void> {
  await seen(`"${text}" in a frame`, async () => {
    const sights = page.frames().map((frame) => {
      // A frame may be replaced while we look at it.
      return frame
        .getByText(text)
        .first()
        .isVisible()
        .catch(() => false);
    });
    return (await Promise.all(sights)).includes(true);
  });
}

/** Leaves the width to what the page is about. */
export async function foldNavigation(page: Page): Promise<void> {
  await page.getByTestId('navigation-header').getByRole('button').first().click();
}

/** Opens a booking's page where it says what the booking is, and what has happened. */
export async function openDetails(
  browser: Browser,
  shop: LocalShop,
  { workflowId }: Booking,
): Promise<Page> {
  const page = await openPageAsOperator(browser, shop);
  await page.goto(`${temporalUiOf(shop)}/workflows/${workflowId}`);
  await page.getByRole('tab', { name: 'User Metadata' }).click();
  return page;
}

/** The form that sends an update. */
export const formOf = (page: Page): Locator => page.getByRole('dialog');

/** Opens the form, and fills it in. */
export async function fillIn(page: Page, name: string, data: object): Promise<void> {
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

export const submit = (page: Page): Promise<void> =>
  formOf(page).getByRole('button', { name: 'Submit' }).click();

/** Sends an update by the form, and waits until it was accepted. */
export async function sendUpdate(page: Page, name: string, data: object): Promise<void> {
  await fillIn(page, name, data);
  await submit(page);
  await formOf(page).waitFor({ state: 'hidden' });
}
