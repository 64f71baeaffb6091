import { isDatabaseAway } from '../db/connection';
import { isTemporalAway } from './temporal-away';

/** One item of a part of reconciliation that failed, and why. */
export interface ItemFailure {
  item: string;
  reason: string;
}

/** Enough to see the cause. If more failed, the next runs show it. */
const MAX_FAILURES = 100;

/** Half a minute less than an activity may take. What is left then waits for the next run. */
const WORKING_MS = 90_000;

/**
 * Handles items one after another. One that fails is noted, and the others still run.
 *
 * If the database or Temporal is unavailable, every item would fail alike: that error is thrown,
 * and the activity is retried.
 */
export class Items {
  readonly failed: ItemFailure[] = [];
  private readonly endsAt = Date.now() + WORKING_MS;

  async deal(item: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (isDatabaseAway(error) || isTemporalAway(error)) throw error;
      this.note(item, error);
    }
  }

  /** Whether there is time for more. If there is none, that is noted as a failure. */
  hasTimeFor(what: string): boolean {
    if (Date.now() < this.endsAt) return true;
    this.note(what, new Error('This run had no time left for it.'));
    return false;
  }

  private note(item: string, error: unknown): void {
    if (this.failed.length >= MAX_FAILURES) return;
    this.failed.push({ item, reason: error instanceof Error ? error.message : String(error) });
  }
}
