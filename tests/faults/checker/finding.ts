import type { History } from '../history/read';
import type { Story } from './story';

/** A promise that the run has broken, as far as its history shows. */
export interface Finding {
  /** The name of the check. */
  check: string;
  /** What was seen, and what was promised instead. */
  what: string;
  /** The operations that show it, by their IDs in `operations.jsonl`. */
  operations: string[];
}

/** A check of the whole history; what it finds has no name yet. */
export type Check = (history: History, story: Story) => Omit<Finding, 'check'>[];
