import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';

const FOLDER = path.join(ROOT, '.ci/node');

/** A Node that CI runs on, and the name of its package there. */
export interface NodeVersion {
  version: string;
  name: string;
}

/** Returns the version that the image has, and on which CI runs every suite. */
export function mainNode(): string {
  return readFileSync(path.join(ROOT, '.nvmrc'), 'utf8').trim();
}

/** Returns every version that CI runs on, the oldest first. */
export function testedNodes(): NodeVersion[] {
  const manifest = readFileSync(path.join(FOLDER, 'package.json'), 'utf8');
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
  return Object.entries(dependencies).map(([name, wanted]) => ({
    name,
    version: wanted.replace(/^.*@/, ''),
  }));
}

/** Fetches every version, unless that was done before; returns the folder of their packages. */
export function provideNodes(): string {
  const script = path.join(FOLDER, 'provide.mjs');
  return execFileSync(process.execPath, [script], { encoding: 'utf8' }).trim();
}
