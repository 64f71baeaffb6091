import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { BUNDLED } from '../../scripts/stack/workflow-bundle';
import { waitUntil } from '../../src/cli/wait';
import { bundling } from '../../src/worker/bundling';

const run = promisify(execFile);

const ROOT = path.resolve(__dirname, '../..');
const CACHE = path.join(ROOT, 'node_modules/.cache/flight-bookings');

/** Tests bundle other workflows, too. */
const SOURCES = [...BUNDLED, 'tests/replay'];

/**
 * Bundling takes seconds, on a busy machine many: whoever waits for another suite's bundle waits
 * this long.
 */
const WAIT_MS = 90_000;

/**
 * Bundles in a process of its own: under jest, where every module of webpack is loaded anew, it
 * takes ten times as long.
 */
const BUNDLER = `
  const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
  const [bundling, target] = process.argv.slice(1);
  const logger = new DefaultLogger('ERROR');
  bundleWorkflowCode({ ...JSON.parse(bundling), logger }).then(({ code }) =>
    require('node:fs').writeFileSync(target, code),
  );
`;

/**
 * The workflows as workers run them, bundled once for as long as their sources stay the same. Of
 * suites that ask at once, one makes the bundle and the others wait for it.
 */
export async function workflowBundle(
  workflowsPath = path.join(ROOT, 'src/workflows/index.ts'),
): Promise<{ codePath: string }> {
  const codePath = path.join(CACHE, `workflows-${digestOf(workflowsPath)}.js`);
  mkdirSync(CACHE, { recursive: true });
  if (existsSync(codePath)) {
    // It is made of what the sources hold. The local stack goes by their times, and makes anew what
    // is older.
    utimesSync(codePath, new Date(), new Date());
    return { codePath };
  }
  if (takeTurn(`${codePath}.lock`)) {
    const draft = `${codePath}.draft`;
    try {
      const args = [JSON.stringify(bundling(workflowsPath)), draft];
      await run(process.execPath, ['-e', BUNDLER, ...args], { cwd: ROOT });
      renameSync(draft, codePath);
    } finally {
      rmSync(`${codePath}.lock`, { recursive: true });
    }
  } else {
    await waitUntil(() => existsSync(codePath), {
      timeoutMs: WAIT_MS,
      onTimeout: () => new Error(`No other suite made the bundle: remove ${codePath}.lock`),
    });
  }
  return { codePath };
}

/**
 * Making a folder is the one thing that only one of several processes can do. One that died at it
 * loses its turn in time.
 */
function takeTurn(lock: string): boolean {
  try {
    if (existsSync(lock) && statSync(lock).mtimeMs < Date.now() - WAIT_MS) rmdirSync(lock);
    mkdirSync(lock);
    return true;
  } catch {
    return false;
  }
}

function digestOf(workflowsPath: string): string {
  const digest = createHash('sha256').update(workflowsPath);
  for (const file of [workflowsPath, ...SOURCES.flatMap(filesOf)])
    digest.update(readFileSync(file));
  return digest.digest('hex').slice(0, 16);
}

function filesOf(source: string): string[] {
  const full = path.join(ROOT, source);
  if (path.extname(full) !== '') return [full];
  return readdirSync(full, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort()
    .map((file) => path.join(full, file));
}
