import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseOptions } from './options';
import { play } from './play';

/** A second Ctrl-C ends it without tidying up. */
function untilInterrupted(): AbortSignal {
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(130);
      console.log('\nStopping (a second Ctrl-C hastens it)');
      stopping.abort(new Error('The run was interrupted.'));
    });
  return stopping.signal;
}

/**
 * npm run test:faults: plays a run, has it judged, and says what came of it. Ends the process, with
 * exit code 1 if anything was found.
 */
export async function main(argv: string[]): Promise<void> {
  const options = parseOptions(argv);
  const stopped = untilInterrupted();
  const folder = folderOf(options);
  console.log(`Seed ${options.seed}, ${options.minutes} min; recorded in ${folder}`);
  try {
    const { troubles, violations } = await play(options, folder, stopped);
    for (const trouble of troubles) console.log(`Trouble: ${trouble}`);
    for (const violation of violations) console.log(`Auditor: ${JSON.stringify(violation)}`);
    const isClean = troubles.length === 0 && violations.length === 0;
    console.log(isClean ? 'Nothing was found.' : `Look into ${folder}.`);
    if (isClean && options.keep === undefined) rmSync(folder, { recursive: true });
    process.exit(isClean ? 0 : 1);
  } catch (error) {
    console.error(stopped.aborted ? 'The run was interrupted.' : error);
    process.exit(stopped.aborted ? 130 : 1);
  }
}

function folderOf({ keep, seed }: { keep?: string; seed: number }): string {
  if (keep === undefined) return mkdtempSync(path.join(os.tmpdir(), `faults-${seed}-`));
  mkdirSync(keep, { recursive: true });
  return keep;
}
