// npm test: all tests that need nothing but Node, on a fresh clone too. Arguments go to jest, and a
// path runs that alone: npm test -- tests/e2e
import { createRequire } from 'node:module';
import { prepareClone } from './setup.mjs';

/** Without it, Jest complains after each part that the process has not ended. */
const MORE_TO_COME = ['--openHandlesTimeout=0'];

await prepareClone();
const jest = createRequire(import.meta.url)('jest');
const given = process.argv.slice(2);
const everything = given.every((argument) => argument.startsWith('-'));
await jest.run([...given, ...(everything ? MORE_TO_COME : [])]);

// Those that work the machine hard come after the others, two at once since each waits now and
// then; last and alone those that measure time or leave none over.
if (everything) {
  await runReliability(
    'busy',
    '--maxWorkers=2',
    '--testPathIgnorePatterns=/alone/',
    ...MORE_TO_COME,
  );
  await runReliability('alone', '--testPathPatterns=/alone/');
}

/** A report, if one is asked for, is a file of its own. */
async function runReliability(name, ...choice) {
  const own = given.map((argument) =>
    argument.replace(/^(--outputFile=.*)[.]json$/, `$1.${name}.json`),
  );
  await jest.run(['--config', 'tests/reliability/jest.config.js', ...choice, ...own]);
}
