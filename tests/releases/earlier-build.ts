import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runCommand } from '../../scripts/stack/commands';
import { ROOT } from '../../scripts/stack/settings';
import { PATIENCE_MS } from '../support/patience';

/** The sources of an earlier commit, in a folder of their own. */
export interface EarlierBuild {
  root: string;
  remove(): void;
}

type Packages = Record<string, { version?: string }>;

/**
 * Takes the sources of a commit out of the history of this clone. They run with the packages that
 * are installed here if these are of the same versions; else `npm run dev` installs its own.
 *
 * @throws when the clone does not have the commit: it is a shallow one, or no clone.
 */
export async function takeOut(commit: string): Promise<EarlierBuild> {
  await requireCommit(commit);
  const root = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-earlier-'));
  const archive = path.join(root, 'sources.tar');
  await run('git', ['-C', ROOT, 'archive', '--output', archive, commit]);
  await run('tar', ['-x', '-C', root, '-f', archive]);
  rmSync(archive);
  if (hasSamePackages(root))
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(root, 'node_modules'));
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

async function requireCommit(commit: string): Promise<void> {
  const look = ['-C', ROOT, 'cat-file', '-e', `${commit}^{commit}`];
  const { exitCode } = await runCommand('git', look, { timeoutMs: PATIENCE_MS });
  if (exitCode !== 0)
    throw new Error(
      `The build of commit ${commit} can't be taken out of the history: this is no git clone, or a shallow one. A clone with the whole history has it (git fetch --unshallow).`,
    );
}

async function run(command: string, args: string[]): Promise<void> {
  const { exitCode, stderr } = await runCommand(command, args, { timeoutMs: PATIENCE_MS });
  if (exitCode !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}

function hasSamePackages(root: string): boolean {
  const packagesOf = (folder: string) =>
    (
      JSON.parse(readFileSync(path.join(folder, 'package-lock.json'), 'utf8')) as {
        packages: Packages;
      }
    ).packages;
  const here = packagesOf(ROOT);
  return (
    existsSync(path.join(ROOT, 'node_modules')) &&
    Object.entries(packagesOf(root)).every(
      ([folder, { version }]) => folder === '' || here[folder]?.version === version,
    )
  );
}
