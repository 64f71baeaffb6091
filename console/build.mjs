// npm run build:console: the console's page, in dist/console. Others may show it meanwhile, or build
// it, too: it is put in its place as a whole.
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { build } from 'vite';

const ROOT = path.resolve(import.meta.dirname, '..');
const FOLDER = path.join(ROOT, 'dist/console');
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

// Whatever it is where this is called from: a test's own would end up in the page.
process.env.NODE_ENV = 'production';
const dist = path.dirname(FOLDER);
mkdirSync(dist, { recursive: true });
const place = mkdtempSync(path.join(dist, '.console-'));
try {
  const outDir = path.join(place, 'new');
  await build({ root: import.meta.dirname, logLevel: 'warn', build: { outDir } });
  putInPlace(outDir, path.join(place, 'old-'));
} finally {
  rmSync(place, { recursive: true, force: true });
}
