import { isDatabaseAway } from '../db/connection';
import { isTemporalAway } from './temporal-away';

/** One item of a part of reconciliation that could not be dealt with, and why. */
export interface ItemFailure {
  item: string;
  reason: string;
}

/** Enough to see what is the matter; that more failed shows in what the next runs find. */
const MAX_FAILURES = 100;

/** Half a minute less than an activity may take: what is left then waits for the next run. */
const WORKING_MS = 90_000;

/**
 * Deals with items one after another, each by itself: one that fails is noted, and the others go
 * on.
 *
 * A database or a Temporal that is away fails all alike: that is thrown, and the activity tried
 * again.
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

  /** Whether there is time for more; once there is none, what is left is noted as such. */
  hasTimeFor(what: string): boolean {
    if (Date.now() < this.endsAt) return true;
    this.note(what, new Error('There was no time for it in this run.'));
    return false;
  }

  private note(item: string, error: unknown): void {
    if (this.failed.length >= MAX_FAILURES) return;
    this.failed.push({ item, reason: error instanceof Error ? error.message : String(error) });
  }
}
