import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { check } from './checker/check';
import type { Finding } from './checker/finding';
import { PLANTS, type Plant } from './plants';

/** What a run needs no copy of: what it makes itself, what is linked, and what has no part in it. */
const LEFT_OUT = ['node_modules', '.git', '.data', 'dist', 'coverage', 'bench', 'docs'];

/**
 * Plays a run of a copy of the product in which one safeguard is missing, and says whether the
 * checker has noticed. The auditor's verdict does not count.
 *
 * The product has no switch for it: the copy's source is changed, and removed afterwards.
 *
 * @throws Error when there is no such plant, or the run left no history to judge.
 */
export async function isPlantFound(
  name: string,
  { seed, minutes }: { seed: number; minutes: number },
): Promise<boolean> {
  const plant = PLANTS[name];
  if (plant === undefined)
    throw new Error(`There is no plant ${name}; there are ${Object.keys(PLANTS).join(', ')}`);
  const copy = copyWith(plant);
  const folder = mkdtempSync(path.join(os.tmpdir(), `planted-${name}-`));
  try {
    await play(copy, ['--seed', String(seed), '--minutes', String(minutes), '--keep', folder]);
    const found = check(folder).findings.filter((finding) => finding.check === plant.foundBy);
    console.log(describe(plant, found));
    return found.length > 0;
  } finally {
    for (const made of [copy, folder]) rmSync(made, { recursive: true, force: true });
  }
}

function copyWith({ file, original, planted }: Plant): string {
  const copy = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-planted-'));
  cpSync(ROOT, copy, {
    recursive: true,
    filter: (source) => !LEFT_OUT.includes(path.relative(ROOT, source)),
  });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
  const target = path.join(copy, file);
  writeFileSync(
    target,
    readFileSync(target, 'utf8').replace(original, () => planted),
  );
  return copy;
}

/** The run's own exit code says nothing: it fails, if all is well. */
async function play(copy: string, args: string[]): Promise<void> {
  const run = spawn(process.execPath, ['scripts/faults.mjs', ...args], {
    cwd: copy,
    stdio: 'inherit',
  });
  const pass = (signal: NodeJS.Signals) => run.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, pass);
  await once(run, 'exit');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, pass);
}

function describe({ what, foundBy }: Plant, found: Finding[]): string {
  const [first] = found;
  return first === undefined
    ? `Planted: ${what}. Not found by ${foundBy}.`
    : `Planted: ${what}. Found by ${foundBy}, ${found.length} times, such as: ${first.what}.`;
}
