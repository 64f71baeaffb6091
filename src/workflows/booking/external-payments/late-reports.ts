import { patched, workflowInfo } from '@temporalio/workflow';

/**
 * Remembers from which reported payment on they came too late.
 *
 * The clock decides once. A replay may bring a report together with the result of a slow local
 * activity, at the time of that result: it would be late then, though it had come in time. So the
 * first late one is recorded, with its number; payments in time cost no record.
 */
export class LateReports {
  /** Set for workflows that record it: others ask the clock again. */
  areRecorded = false;
  private judged = 0;
  private haveBegun = false;

  constructor(private readonly isPastDeadline: () => boolean) {}

  /** Returns whether the next payment, the one that is being decided on, is late. */
  isNextLate(): boolean {
    this.judged += 1;
    if (!this.areRecorded) return this.isPastDeadline();
    // The recorded decision counts in a replay, not what time it is there.
    const mayBegin = workflowInfo().unsafe.isReplaying || this.isPastDeadline();
    this.haveBegun ||= mayBegin && patched(`late-from-report-${this.judged}`);
    return this.haveBegun;
  }
}
