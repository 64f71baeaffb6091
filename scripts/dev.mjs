// npm run dev: all of it, running on this machine. See stack/ for the parts and dev.ts for the story.
import { createRequire } from 'node:module';
import { prepareClone } from './setup.mjs';

await prepareClone();
// TypeScript is loaded into this very process, so that signals reach the one who knows what to stop.
const { register } = await import('tsx/cjs/api');
register();
await createRequire(import.meta.url)('./dev.ts').dev();
