// node docker/prune-packages.mjs <node_modules>: removes what only other machines, or builds, need.
//
// Temporal's SDK comes with its native library for every platform, and with the compiler that bundles
// workflows: an image runs on one platform, and has its bundle.
import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';

const [, , packages] = process.argv;
if (packages === undefined) throw new Error('Say which node_modules.');

const ARCHITECTURES = { x64: 'x86_64', arm64: 'aarch64' };
const PLATFORMS = { linux: 'unknown-linux-gnu', darwin: 'apple-darwin', win32: 'pc-windows-msvc' };
const ours = `${ARCHITECTURES[process.arch]}-${PLATFORMS[process.platform]}`;

const releases = path.join(packages, '@temporalio/core-bridge/releases');
const others = readdirSync(releases).filter((release) => release !== ours);
if (others.length === readdirSync(releases).length) throw new Error(`There is no ${ours}.`);
for (const release of others) remove(path.join(releases, release));

// Only loaded when workflows are bundled: see WORKFLOW_BUNDLE.
for (const name of ['@swc', 'swc-loader']) remove(path.join(packages, name));

// Types are for editors; maps of packages for those who change them.
for (const file of readdirSync(packages, { recursive: true, encoding: 'utf8' }))
  if (/\.(d\.[cm]?ts|[cm]?js\.map|d\.[cm]?ts\.map)$/.test(file)) remove(path.join(packages, file));

function remove(file) {
  rmSync(file, { recursive: true, force: true });
}
