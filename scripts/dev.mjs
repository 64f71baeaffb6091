// npm run dev, npm run dev:cluster: all of it, running on this machine. See dev.ts for the story,
// stack/ and cluster/ for the parts.
import { createRequire } from 'node:module';
import { prepareClone } from './setup.mjs';

await prepareClone();
// TypeScript is loaded into this very process, so that signals reach the one who knows what to
// stop.
const [required, imported] = [await import('tsx/cjs/api'), await import('tsx/esm/api')];
required.register();
imported.register();
await createRequire(import.meta.url)('./dev.ts').dev(process.argv[2]);
