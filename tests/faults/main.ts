import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { check } from './checker/check';
import { describe } from './checker/report';
import { parseOptions } from './options';
import { describeOutcome } from './outcome';
import { isPlantFound } from './planted-run';
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
 * npm run test:faults: plays a run, has it judged, and says what came of it; or judges the recorded
 * history of an earlier one. Ends the process, with exit code 1 if anything was found.
 */
export async function main(argv: string[]): Promise<void> {
  const options = parseOptions(argv);
  if (options.check !== undefined) process.exit(isClean(options.check) ? 0 : 1);
  if (options.plant !== undefined)
    process.exit((await isPlantFound(options.plant, options)) ? 0 : 1);
  const stopped = untilInterrupted();
  const folder = folderOf(options);
  console.log(`Seed ${options.seed}, ${options.minutes} min; recorded in ${folder}`);
  try {
    await play(options, folder, stopped);
    const isGood = isClean(folder);
    console.log(isGood ? 'Nothing was found.' : `Look into ${folder}.`);
    if (isGood && options.keep === undefined) rmSync(folder, { recursive: true });
    process.exit(isGood ? 0 : 1);
  } catch (error) {
    for (const line of describeOutcome(folder)) console.error(line);
    console.error(stopped.aborted ? 'The run was interrupted.' : error);
    process.exit(stopped.aborted ? 130 : 1);
  }
}

/**
 * Has a recorded history judged, and prints what it holds and what went wrong with its run. Returns
 * whether nothing was found.
 */
function isClean(folder: string): boolean {
  const wentWrong = describeOutcome(folder);
  // Before the history is judged: that may fail.
  if (wentWrong.length > 0) console.log(wentWrong.join('\n'));
  const findings = check(folder);
  console.log(describe(findings));
  return findings.findings.length === 0 && wentWrong.length === 0;
}

function folderOf({ keep, seed }: { keep?: string; seed: number }): string {
  if (keep === undefined) return mkdtempSync(path.join(os.tmpdir(), `faults-${seed}-`));
  mkdirSync(keep, { recursive: true });
  return keep;
}
