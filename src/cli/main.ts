#!/usr/bin/env node
import { runFlights } from './run';
import { openSystems } from './systems';
import { findTarget } from './target';

/** `flights <command>`: everything that operators and deployments do from a terminal. */
async function main(): Promise<void> {
  const terminal = {
    print: (text: string) => void process.stdout.write(`${text}\n`),
    complain: (text: string) => void process.stderr.write(`${text}\n`),
  };
  const systems = openSystems(() => findTarget(), terminal.complain);
  process.exitCode = await runFlights(process.argv.slice(2), systems, terminal);
}

void main();
