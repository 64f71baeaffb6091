import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { installShellcheck, run } from './tools';

/** What containers and CI run by a shell, read by the linter for such scripts. */

let shellcheck: string;

beforeAll(() => {
  shellcheck = installShellcheck();
});

const scripts = execFileSync('git', ['ls-files', '*.sh', '.ci/run'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .trim()
  .split('\n');

test('there are such scripts', () => {
  expect(scripts).toEqual(
    expect.arrayContaining(['.ci/run', 'docker/secrets.sh', 'docker/temporal/promote.sh']),
  );
});

test.each(scripts)('shellcheck has nothing to say about %s', (script) => {
  expect(run(shellcheck, [path.join(ROOT, script)])).toEqual({
    exitCode: 0,
    stdout: '',
    stderr: '',
  });
});

test('shellcheck sees what is wrong', () => {
  const { exitCode, stdout } = run(shellcheck, ['-'], {
    input: '#!/bin/sh\nrm -rf "$1/"*\n cd $2\n',
  });
  expect(stdout).toContain('SC2086');
  expect(exitCode).toBe(1);
});
