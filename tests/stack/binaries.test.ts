import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { resolveProgram, type Download } from '../../scripts/stack/binaries';
import { TEMPORAL_CLI } from '../../scripts/stack/programs';

let folder: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-binaries-'));
  // The fakes are shell scripts, which need a shell but nothing from PATH.
  env = { PATH: path.join(folder, 'bin'), FLIGHT_BOOKINGS_CACHE: path.join(folder, 'cache') };
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const GOOD = '#!/bin/sh\necho temporal version 0.0.0\n';

function program(file: string, text = GOOD): string {
  const whole = path.join(folder, file);
  mkdirSync(path.dirname(whole), { recursive: true });
  writeFileSync(whole, text);
  chmodSync(whole, 0o755);
  return whole;
}

function brings(text = GOOD): Download {
  return (_, workshop) => {
    const file = path.join(workshop, 'downloaded');
    writeFileSync(file, text);
    return Promise.resolve(file);
  };
}

const fails: Download = () => Promise.reject(new Error('no internet here'));

const resolve = (downloads: Record<string, Download> = { shop: fails }) =>
  resolveProgram(TEMPORAL_CLI, { env, downloads });

test('the program that a variable names comes before the one on PATH', async () => {
  program('bin/temporal');
  env.TEMPORAL_CLI_PATH = program('mine/temporal');
  expect(await resolve()).toBe(env.TEMPORAL_CLI_PATH);
});

test('a named program that does not run is refused, never replaced', async () => {
  program('bin/temporal');
  env.TEMPORAL_CLI_PATH = path.join(folder, 'nowhere');
  await expect(resolve()).rejects.toThrow(/TEMPORAL_CLI_PATH names .*nowhere/);
});

test('a program on PATH comes before a download', async () => {
  const installed = program('bin/temporal');
  expect(await resolve({ shop: brings() })).toBe(installed);
});

test('a program on PATH that is not what its name says is passed over', async () => {
  program('bin/temporal', '#!/bin/sh\necho something else\n');
  expect(await resolve({ shop: brings() })).toContain(path.join(folder, 'cache'));
});

test('what was downloaded is kept: the next time needs no download', async () => {
  const first = await resolve({ broken: fails, shop: brings() });
  expect(await resolve()).toBe(first);
});

test('a damaged program in the cache is replaced', async () => {
  const kept = await resolve({ shop: brings() });
  writeFileSync(kept, 'half of i');
  expect(await resolve({ shop: brings() })).toBe(kept);
  expect(await resolve()).toBe(kept);
});

test('a download that does not run is not kept', async () => {
  await expect(resolve({ shop: brings('#!/bin/sh\nexit 1\n') })).rejects.toThrow('does not run');
  expect(readdirSync(path.join(folder, 'cache'))).toEqual([]);
});

test('several at once share one place and all get a whole program', async () => {
  const found = await Promise.all(Array.from({ length: 5 }, () => resolve({ shop: brings() })));
  expect(new Set(found).size).toBe(1);
  expect(existsSync(String(found[0]))).toBe(true);
  expect(readdirSync(path.join(folder, 'cache'))).toHaveLength(1);
});

test('when nothing helps, the error names every way and what to do', async () => {
  await expect(resolve({ one: fails, other: fails })).rejects.toThrow(
    /TEMPORAL_CLI_PATH \(not set\).*PATH \(no temporal\).*cache.*one \(no internet here\); other \(no internet here\).*install it/,
  );
});
