// Packages of their own, which `npm ci` of the tree does not install: whoever needs them gets them.
// Plain JavaScript: our own packages may be missing, or be installed on another Node.
//
// npm checks each against the hash in its package-lock.json. They are kept between clones.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const FILES = ['package.json', 'package-lock.json', '.npmrc'];

/** Returns the `node_modules` with the packages of a folder's lockfile. */
export function providePackages(source, name) {
  const lockfile = fs.readFileSync(path.join(source, 'package-lock.json'));
  const hash = createHash('sha256').update(lockfile).digest('hex').slice(0, 12);
  const cache =
    process.env.FLIGHT_BOOKINGS_CACHE || path.join(os.homedir(), '.cache/flight-bookings');
  const folder = path.join(cache, `${name}-${hash}`);
  if (!fs.existsSync(folder)) install(source, folder);
  return path.join(folder, 'node_modules');
}

/** The folder is there as a whole or not at all, also when several processes do this at once. */
function install(source, folder) {
  fs.mkdirSync(path.dirname(folder), { recursive: true });
  const target = fs.mkdtempSync(`${folder}.`);
  try {
    for (const file of FILES) fs.copyFileSync(path.join(source, file), path.join(target, file));
    // Several packages may bring a program of one name: none is linked as the one.
    const options = ['--no-bin-links', '--ignore-scripts', '--no-audit', '--no-fund'];
    execFileSync('npm', ['ci', ...options], { cwd: target, stdio: ['ignore', 2, 2] });
    fs.renameSync(target, folder);
  } catch (error) {
    // Another process was faster.
    if (!fs.existsSync(folder)) throw error;
  } finally {
    fs.rmSync(target, { recursive: true, force: true });
  }
}
