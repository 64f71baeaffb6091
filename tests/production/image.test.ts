import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { runInProduction } from './process';

/** What the image holds, laid out in a folder as its last stage does: no development packages, no sources. */

let image: string;

beforeAll(() => {
  image = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-image-'));
  for (const entry of ['package.json', 'package-lock.json', '.npmrc', 'dist', 'data']) {
    cpSync(path.join(ROOT, entry), path.join(image, entry), { recursive: true });
  }
  // In the machine's own environment, which tells npm how to reach its registry.
  execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts'], { cwd: image, timeout: 100_000 });
}, 120_000);

afterAll(() => {
  rmSync(image, { recursive: true });
});

// Each has loaded all of its code by the time that it misses a setting.
test.each([
  ['src/api/main.js', [], /DATABASE_URL: is required/],
  ['src/worker/main.js', [], /DATABASE_URL: is required/],
  ['scripts/migrate.js', [], /There is no .*dev.env/],
  ['scripts/seed.js', ['--days', '0'], /--days takes a whole number/],
])('%s finds every package that it needs', async (script, args, message) => {
  const { output } = await runInProduction(
    path.join(image, 'dist', script),
    { DATA_DIR: image },
    args,
  );
  expect(output).toMatch(message);
});
