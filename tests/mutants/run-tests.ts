import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { descendantsOf, send } from '../../scripts/stack/processes';
import type { Lane } from './lane';
import type { Mutant } from './mutant';
import { verdictOf, type Verdict } from './verdict';

/**
 * Far longer than these tests take; those that are stuck have noticed the mutant. Suites that start
 * and kill a whole system take longest.
 */
const LONGEST_MS = 4 * 60_000;
const LONGEST_OF_A_SYSTEM_MS = 20 * 60_000;

const JEST = createRequire(__filename).resolve('jest/bin/jest');

/** Runs the tests in the lane's copy of the tree, and returns what they say. */
export async function runTests(
  { folder, env }: Lane,
  { suite, tests }: Mutant['noticedBy'],
): Promise<Verdict & { seconds: number }> {
  const since = Date.now();
  const report = path.join(folder, 'mutant-report.json');
  rmSync(report, { force: true });
  const chosen = tests === undefined ? [] : ['--testNamePattern', tests];
  const jest = spawn(
    process.execPath,
    [
      JEST,
      ...['--config', 'tests/mutants/jest.config.js', '--runTestsByPath', suite, ...chosen],
      ...['--json', '--outputFile', report, '--silent', '--forceExit'],
    ],
    { cwd: folder, env, stdio: 'ignore' },
  );
  let isCutOff = false;
  const watch = setTimeout(
    () => {
      isCutOff = true;
      if (jest.pid === undefined) return;
      for (const pid of [...descendantsOf(jest.pid), jest.pid]) send('SIGKILL', pid);
    },
    suite.startsWith('tests/reliability/') ? LONGEST_OF_A_SYSTEM_MS : LONGEST_MS,
  );
  await once(jest, 'exit');
  clearTimeout(watch);
  const verdict = verdictOf(report, { isCutOff });
  return { ...verdict, seconds: Math.round((Date.now() - since) / 1000) };
}
