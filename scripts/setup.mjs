// What `npm run dev` and `npm test` need before anything of ours can load, on a fresh clone: plain
// JavaScript, no packages.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const OLDEST_NODE = '20.19.0';

/**
 * Makes the clone usable: checks Node, installs the packages of the lockfile if they aren't there.
 * Ends the process if it can't.
 */
export async function prepareClone() {
  process.chdir(ROOT);
  if (isOlder(process.versions.node, OLDEST_NODE)) {
    fail(`This needs Node ${OLDEST_NODE} or later; this is ${process.versions.node}.`);
  }
  if (process.platform === 'win32') {
    fail('This needs Linux or macOS; on Windows, run it in WSL.');
  }
  if (packagesAreInstalled()) return;
  await alone(async () => {
    if (!packagesAreInstalled()) await installPackages();
  });
}

/** Compares versions number by number. */
function isOlder(version, other) {
  const [a, b] = [version, other].map((text) => text.split('.').map(Number));
  const difference = a.map((number, i) => number - b[i]).find((d) => d !== 0) ?? 0;
  return difference < 0;
}

/**
 * npm notes at the end of an install what it put into node_modules: does that hold all that the
 * lockfile asks for?
 */
function packagesAreInstalled() {
  try {
    const wanted = readPackages('package-lock.json');
    const installed = readPackages('node_modules/.package-lock.json');
    return Object.entries(wanted).every(
      ([folder, { version, integrity, optional, devOptional }]) => {
        if (folder === '') return true;
        const present = installed[folder];
        // Packages for other platforms are optional and never there.
        if (present === undefined) return Boolean(optional || devOptional);
        return present.version === version && present.integrity === integrity;
      },
    );
  } catch {
    return false;
  }
}

function readPackages(lockfile) {
  return JSON.parse(fs.readFileSync(lockfile, 'utf8')).packages;
}

/** Everything npm says goes to stderr: stdout belongs to what was asked for. */
async function installPackages() {
  console.error('Installing packages (npm ci)');
  const npm = path.basename(process.env.npm_execpath ?? '').startsWith('npm')
    ? [process.execPath, process.env.npm_execpath]
    : ['npm'];
  const child = spawn(
    npm[0],
    [...npm.slice(1), 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'],
    { stdio: ['ignore', 2, 2] },
  );
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  const ending = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  for (const signal of signals) process.off(signal, forward);
  if (signals.includes(ending)) process.exit(0);
  if (ending !== 0)
    fail(`The packages could not be installed (npm ci: ${ending}); npm says why above.`);
}

/**
 * `npm run dev` and `npm test` may start at the same time on one clone: the second waits for the
 * first one's install.
 */
async function alone(work) {
  const clone = createHash('sha256').update(ROOT).digest('hex').slice(0, 12);
  const lock = path.join(os.tmpdir(), `flight-bookings-install-${clone}`);
  while (!take(lock)) await new Promise((resolve) => setTimeout(resolve, 500));
  const release = () => fs.rmSync(lock, { force: true });
  process.on('exit', release);
  await work();
  process.off('exit', release);
  release();
}

function take(lock) {
  try {
    fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') fail(`${lock} can't be written: ${error.message}`);
    if (!isAlive(Number(fs.readFileSync(lock, 'utf8')))) fs.rmSync(lock, { force: true });
    return false;
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
