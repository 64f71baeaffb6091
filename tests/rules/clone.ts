import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';

/** What the tools read: the sources, and how they are told to read them. */
const NEEDED = [
  'package.json',
  'tsconfig.json',
  '.dependency-cruiser.cjs',
  'eslint.config.mjs',
  'src',
  'migrations',
];

/** A copy of the sources, to plant faults in. */
export interface Clone {
  folder: string;
  /** Adds files, by path, with their text. */
  plant(files: Record<string, string>): void;
  /** Runs a tool of `node_modules` in the copy, and returns what it printed as JSON. */
  run(tool: string, args: string[]): unknown;
  remove(): void;
}

export function cloneSources(): Clone {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-rules-'));
  for (const entry of NEEDED)
    cpSync(path.join(ROOT, entry), path.join(folder, entry), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  return {
    folder,
    plant: (files) => {
      for (const [file, text] of Object.entries(files)) {
        const target = path.join(folder, file);
        mkdirSync(path.dirname(target), { recursive: true });
        writeFileSync(target, text);
      }
    },
    run: (tool, args) => {
      const command = [path.join('node_modules', tool), ...args];
      const { stdout, stderr } = spawnSync(process.execPath, command, {
        cwd: folder,
        encoding: 'utf8',
        maxBuffer: 1e8,
      });
      if (stdout === '') throw new Error(`${tool} printed nothing: ${stderr}`);
      return JSON.parse(stdout) as unknown;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
