import { openDesk } from './ops/desk';
import { runOps } from './ops/run';

/** npm run ops -- <command>: what operators do from a terminal. `npm run ops -- --help` lists it, and docs/operations.md says when to use which. */
async function main(): Promise<void> {
  const terminal = { print: console.log, complain: console.error };
  process.exitCode = await runOps(process.argv.slice(2), openDesk, terminal);
}

void main();
