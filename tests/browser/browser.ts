import { accessSync, constants, mkdirSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { ROOT } from '../../scripts/stack/settings';
import { PATIENCE_MS } from '../support/patience';

/** What distributions call it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/**
 * A browser that asks for nothing but what its pages ask for, and needs neither a screen nor a
 * graphics card.
 */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Letters without coloured edges: the pictures are smaller.
  '--disable-lcd-text',
];

export async function openBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: findChromium(), args: FLAGS });
}

function findChromium(): string {
  const { CHROMIUM_PATH: given, PATH: searchPath = '' } = process.env;
  if (given !== undefined && given !== '') return given;
  const found = NAMES.flatMap((name) =>
    searchPath.split(path.delimiter).map((folder) => path.join(folder, name)),
  ).find(isExecutable);
  if (found !== undefined) return found;
  throw new Error(
    `There is no Chromium on PATH (${NAMES.join(', ')}). These tests need one: ` +
      '`apt-get install --no-install-recommends chromium`, or name one in CHROMIUM_PATH.',
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A new window, as someone with an empty profile opens it. */
export async function openPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ viewport: WINDOW, timezoneId: 'UTC', locale: 'en-US' });
  page.setDefaultTimeout(PATIENCE_MS);
  return page;
}

const WINDOW = { width: 1400, height: 900 };

/**
 * Makes a picture of the documentation anew, if that is what the tests are run for: `SCREENSHOTS=1
 * npm run test:browser`. `arrange` is for what makes it a better picture, and is no part of the
 * test; `of` is what it shows, if not all of the page; `size` is the window's, if not the usual one.
 */
export async function takePicture(
  page: Page,
  name: string,
  {
    size = WINDOW,
    height = size.height,
    arrange,
    of = page,
  }: {
    size?: { width: number; height: number };
    height?: number;
    arrange?: () => Promise<void>;
    of?: Locator | Page;
  } = {},
): Promise<void> {
  if (!process.env.SCREENSHOTS) return;
  await page.setViewportSize({ ...size, height });
  await arrange?.();
  // A pointer on a row or a button would colour it.
  await page.mouse.move(size.width - 1, height - 1);
  const folder = path.join(ROOT, 'docs/images');
  mkdirSync(folder, { recursive: true });
  await of.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled' });
}
