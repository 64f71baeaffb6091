import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { runCommand } from '../../scripts/stack/commands';

/** What a browser fetches to show the console. */

let folder: string;
let files: Map<string, Buffer>;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-console-'));
  const args = ['vite', 'build', 'console', '--outDir', folder, '--logLevel', 'warn'];
  const { exitCode, stdout, stderr } = await runCommand('npx', args, {
    timeoutMs: 100_000,
    env: { ...process.env, NODE_ENV: undefined },
  });
  expect({ exitCode, output: stdout + stderr }).toEqual({ exitCode: 0, output: '' });
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  files = new Map(
    names
      .filter((name) => /\.\w+$/.test(name))
      .map((name) => [name, readFileSync(path.join(folder, name))] as const),
  );
});

afterAll(() => rmSync(folder, { recursive: true }));

const page = () => String(files.get('index.html'));

test('all of it takes at most 150 kB, compressed', () => {
  const sizes = [...files.values()].map((file) => gzipSync(file).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
});

test('what may be kept for a year is named by what is in it', () => {
  const assets = [...files.keys()].filter((name) => name.startsWith('assets/'));
  expect(assets).not.toEqual([]);
  for (const name of assets) expect(name).toMatch(/-[\w-]{8}\.(js|css)$/);
});

test('the page has no script and no style of its own, as its security policy allows none', () => {
  expect(page()).not.toMatch(/<style|style=|javascript:|\son\w+=/);
  expect(page().match(/<script[^>]*>/g)).toEqual([
    expect.stringMatching(/ src="\/console\/assets\//),
  ]);
});

test('nothing comes from another place: no font, no picture, no script', () => {
  for (const [name, file] of files) {
    if (name.endsWith('.svg')) continue;
    const addresses = String(file).match(/https?:\/\/[^\s"'`)]+/g) ?? [];
    // Names of namespaces are no addresses to fetch from.
    expect(addresses.filter((address) => !address.startsWith('http://www.w3.org/'))).toEqual([]);
  }
});
