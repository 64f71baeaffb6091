// npm test: all tests that need nothing but Node, on a fresh clone too. Arguments go to jest, and a path runs that alone: npm test -- tests/e2e
import { createRequire } from 'node:module';
import { prepareClone } from './setup.mjs';

await prepareClone();
const jest = createRequire(import.meta.url)('jest');
const given = process.argv.slice(2);
await jest.run(given);

// Those that keep the machine busy by themselves come last, one after another; their report, if one is asked for, is a file of its own.
if (given.every((argument) => argument.startsWith('-'))) {
  const own = given.map((argument) =>
    argument.replace(/^(--outputFile=.*)[.]json$/, '$1.reliability.json'),
  );
  await jest.run(['--config', 'tests/reliability/jest.config.js', ...own]);
}
