import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { readHistory } from '../history/read';
import type { Check } from './finding';
import { CHECKS, judge, type CheckName } from './judge';
import { summarize, writeReport, type Findings } from './report';
import { checkSeatOwnership } from './seat-ownership';
import { tell } from './story';

/** The search for an order of each seat's history ends after so long, or longer for a long run. */
const OWNERSHIP_TIMEOUT_SECONDS = 120;
const OWNERSHIP_SECONDS_PER_MINUTE = 24;

/**
 * Judges the recorded history of a fault run, and nothing else: neither the product's database nor
 * its code. Writes `report.md` into the folder, and into its folder `seats` a picture of each seat
 * whose history is bad.
 *
 * Safe to repeat: a folder gives the same findings each time.
 *
 * @throws Error where the folder does not hold the history of a whole run.
 */
export function check(folder: string): Findings {
  const history = readHistory(folder);
  const pictures = path.join(folder, 'seats');
  mkdirSync(pictures, { recursive: true });
  const timeoutSeconds = Math.max(
    OWNERSHIP_TIMEOUT_SECONDS,
    OWNERSHIP_SECONDS_PER_MINUTE * history.run.minutes,
  );
  const checkOwnership: Check = (...told) =>
    checkSeatOwnership(...told, { timeoutSeconds, pictures });
  const story = tell(history);
  const checks: Record<CheckName, Check> = { ...CHECKS, 'seat-ownership': checkOwnership };
  const findings = judge(history, checks, story);
  const summary = { ...summarize(history, story), findings };
  writeReport(folder, summary);
  return summary;
}
