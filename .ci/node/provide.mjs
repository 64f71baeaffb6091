// node .ci/node/provide.mjs: gets each Node that CI runs on, and prints the folder that they are in
// (`node-26/bin/node` and so on). Plain JavaScript: our own packages are installed on one of them.
//
// npm checks each against the hash in our package-lock.json. They are kept between clones.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const FILES = ['package.json', 'package-lock.json', '.npmrc'];
const lockfile = fs.readFileSync(source('package-lock.json'));
const hash = createHash('sha256').update(lockfile).digest('hex').slice(0, 12);
const cache =
  process.env.FLIGHT_BOOKINGS_CACHE || path.join(os.homedir(), '.cache/flight-bookings');
const folder = path.join(cache, `node-versions-${hash}`);

if (!fs.existsSync(folder)) install();
console.log(path.join(folder, 'node_modules'));

/** The folder is there as a whole or not at all, also when several processes do this at once. */
function install() {
  fs.mkdirSync(cache, { recursive: true });
  const target = fs.mkdtempSync(`${folder}.`);
  try {
    for (const file of FILES) fs.copyFileSync(source(file), path.join(target, file));
    // Each brings a program `node`: none is linked as the one.
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

function source(file) {
  return path.join(import.meta.dirname, file);
}
