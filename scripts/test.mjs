// npm test: jest, on a fresh clone too. Arguments go to jest: npm test -- tests/e2e
import { createRequire } from 'node:module';
import { prepareClone } from './setup.mjs';

await prepareClone();
await createRequire(import.meta.url)('jest').run(process.argv.slice(2));
