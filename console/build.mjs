// npm run build:console: the console's page, in dist/console. Nothing is done when it is younger than all that
// it is made from. Others may show it meanwhile, or build it, too: it is put in its place as a whole.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import { build } from 'vite';

const ROOT = path.resolve(import.meta.dirname, '..');
const FOLDER = path.join(ROOT, 'dist/console');
const SOURCES = ['console', 'clients/typescript/src', 'package-lock.json'];

const isYounger = (page) => {
  if (!existsSync(page)) return false;
  const builtAt = statSync(page).mtimeMs;
  return SOURCES.map((source) => path.join(ROOT, source))
    .flatMap((source) =>
      statSync(source).isDirectory()
        ? readdirSync(source, { recursive: true }).map((file) => path.join(source, file))
        : [source],
    )
    .every((file) => statSync(file).mtimeMs < builtAt);
};

/** Whoever builds at the same time builds the same: whose comes last is used. */
const putInPlace = (built, old) => {
  while (existsSync(built)) {
    try {
      if (existsSync(FOLDER)) renameSync(FOLDER, mkdtempSync(old));
      renameSync(built, FOLDER);
    } catch (error) {
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
    }
  }
};

if (!isYounger(path.join(FOLDER, 'index.html'))) {
  const dist = path.dirname(FOLDER);
  mkdirSync(dist, { recursive: true });
  const place = mkdtempSync(path.join(dist, '.console-'));
  try {
    const outDir = path.join(place, 'new');
    await build({
      root: import.meta.dirname,
      logLevel: 'warn',
      build: { outDir, emptyOutDir: true },
    });
    putInPlace(outDir, path.join(place, 'old-'));
    console.log('the console is built');
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
