// npm run test:faults: customers, and a nemesis that breaks the system under them, on a fresh clone
// too. See tests/faults/main.ts for the story.
import { createRequire } from 'node:module';
import { prepareClone } from './setup.mjs';

await prepareClone();
// TypeScript is loaded into this very process, so that signals reach the one who knows what to
// stop.
const [required, imported] = [await import('tsx/cjs/api'), await import('tsx/esm/api')];
required.register();
imported.register();
await createRequire(import.meta.url)('../tests/faults/main.ts').main(process.argv.slice(2));
