import { execFileSync } from 'node:child_process';
import { cpSync, lstatSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { runInProduction } from './process';

/**
 * What the image holds, laid out in a folder as its last stage does: no development packages, no
 * sources.
 */

const ENTRIES = [
  'package.json',
  'package-lock.json',
  '.npmrc',
  'dist',
  'data',
  'tests/replay/histories',
];

let image: string;

beforeAll(() => {
  image = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-image-'));
  for (const entry of ENTRIES) {
    cpSync(path.join(ROOT, entry), path.join(image, entry), { recursive: true });
  }
  // In the machine's own environment, which tells npm how to reach its registry.
  execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts'], { cwd: image, timeout: 400_000 });
  const prune = path.join(ROOT, 'docker/prune-packages.mjs');
  execFileSync(process.execPath, [prune, 'node_modules'], { cwd: image });
}, 420_000);

afterAll(() => {
  rmSync(image, { recursive: true });
});

test('what is added to Node’s own image takes less than 200 MB', () => {
  const files = readdirSync(image, { recursive: true, encoding: 'utf8' });
  const bytes = files.map((file) => lstatSync(path.join(image, file)).size);
  expect(bytes.reduce((sum, size) => sum + size, 0) / 1e6).toBeLessThan(200);
});

// Each has loaded all of its code by the time that it misses a setting.
test.each([
  ['src/api/main.js', [], /DATABASE_URL: is required/],
  ['src/worker/main.js', [], /DATABASE_URL: is required/],
  ['src/cli/main.js', ['stuck'], /^DATABASE_URL is not set: in production nothing else names it/],
])('%s finds every package that it needs', async (script, args, message) => {
  const { output } = await runInProduction(
    path.join(image, 'dist', script),
    { DATA_DIR: image },
    args,
  );
  expect(output).toMatch(message);
});

function flights(...args: string[]) {
  return runInProduction(path.join(image, 'dist/src/cli/main.js'), { DATA_DIR: image }, args);
}

test('`flights` can be run as a program, and lists every command', async () => {
  expect(statSync(path.join(image, 'dist/src/cli/main.js')).mode & 0o111).toBe(0o111);
  const { exitCode, output } = await flights('--help');
  expect(exitCode).toBe(0);
  const listed = [...output.matchAll(/^ {2}([a-z-]+) (?:\[options\]|<)/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual([
    ...['audit', 'cancel', 'disrupt', 'erase', 'extend-schedule', 'gate', 'ledger', 'migrate'],
    ...['reconcile', 'redo'],
    ...[
      'replay-event',
      'retry-payment',
      'retry-refund',
      'seed',
      'settle-refund',
      'show',
      'sold',
      'stuck',
      'token',
    ],
  ]);
});

test('the image can tell whether it may be deployed: it holds every recorded history', async () => {
  const count = readdirSync(path.join(ROOT, 'tests/replay/histories')).length;
  expect(await flights('gate', '--recorded')).toEqual({
    exitCode: 0,
    output: `Recorded histories: ${String(count)} replayed, 0 failed\n`,
  });
});
