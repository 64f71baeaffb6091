import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const ROOT = path.resolve(__dirname, '../..');
const CACHE = path.join(ROOT, 'node_modules/.cache/flight-bookings');

/** What ends up in the bundle, or decides how it is made. */
const SOURCES = [
  'src/workflows',
  'src/domain',
  'src/temporal',
  'tests/replay',
  'package-lock.json',
];

/**
 * The workflows as workers run them, bundled once for as long as their sources stay the same: that takes seconds, and every suite needs it.
 *
 * Suites that ask at once may each make it; the last one wins, and all are equal.
 */
export async function workflowBundle(
  workflowsPath = path.join(ROOT, 'src/workflows/index.ts'),
): Promise<{ codePath: string }> {
  const codePath = path.join(CACHE, `workflows-${digestOf(workflowsPath)}.js`);
  if (!existsSync(codePath)) {
    const { code } = await bundleWorkflowCode({
      workflowsPath,
      logger: new DefaultLogger('ERROR'),
    });
    mkdirSync(CACHE, { recursive: true });
    const draft = `${codePath}.${String(process.pid)}`;
    writeFileSync(draft, code);
    renameSync(draft, codePath);
  }
  return { codePath };
}

function digestOf(workflowsPath: string): string {
  const digest = createHash('sha256').update(workflowsPath);
  for (const file of SOURCES.flatMap(filesOf)) digest.update(readFileSync(file));
  return digest.digest('hex').slice(0, 16);
}

function filesOf(source: string): string[] {
  const full = path.join(ROOT, source);
  if (path.extname(full) === '.json') return [full];
  return readdirSync(full, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort()
    .map((file) => path.join(full, file));
}
