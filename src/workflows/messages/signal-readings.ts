import { patched, workflowInfo } from '@temporalio/workflow';

/**
 * Remembers which signals of one name were read and which were passed over. A replay then takes the
 * same path, whatever keys its worker has.
 *
 * Each change from readable to unreadable signals, or back, is recorded with the number of the
 * signal. A flood of unreadable ones costs one record; readable ones alone cost none. A workflow
 * that began before this rule has read all of its signals.
 */
export class SignalReadings {
  private seen = 0;
  private areTaken = true;

  constructor(private readonly signal: string) {}

  /**
   * Returns whether the next signal of its name, the one being handled, is to be taken, if a worker
   * can read it now. A signal that stands for several is taken if one of them is.
   */
  isTaken(isReadable: boolean, times = 1): boolean {
    for (let one = 1; one < times; one += 1) if (this.isNextTaken(isReadable)) return true;
    return this.isNextTaken(isReadable);
  }

  private isNextTaken(isReadable: boolean): boolean {
    this.seen += 1;
    if (workflowInfo().unsafe.isReplaying) {
      // The recorded decision counts, not what this worker can read.
      if (patched(this.turn())) this.areTaken = !this.areTaken;
    } else if (isReadable !== this.areTaken) {
      patched(this.turn());
      this.areTaken = isReadable;
    }
    return this.areTaken;
  }

  private turn(): string {
    return `${this.areTaken ? 'unreadable' : 'readable'}-${this.signal}-${this.seen}`;
  }
}
