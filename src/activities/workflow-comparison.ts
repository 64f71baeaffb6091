import { validate as isUuid } from 'uuid';
import type { Findings } from '../db/audit/findings';
import { listBookingStandings, pagePendingBookings } from '../db/bookings/standing-view';
import type { Db } from '../db/connection';
import { findBrokenRule, type StoredStanding, type WorkflowStanding } from '../domain/broken-rule';
import type { WorkflowLookup } from '../temporal/clients/workflow-lookup';
import { inChunks } from './chunks';

/** How many bookings are compared at once. */
const PAGE = 1_000;

/** How many workflows are described at once. */
const DESCRIBED_AT_ONCE = 10;

/**
 * Compares bookings with their workflows, page by page. What it has found stays if it fails later.
 *
 * Temporal's index lags behind, so an apparent violation is checked again, in the database and by
 * describing the workflow, before it counts.
 */
export class Disagreements {
  constructor(
    private readonly db: Db,
    private readonly workflows: WorkflowLookup,
    private readonly findings: Findings,
  ) {}

  /**
   * Compares all that is undecided, and the workflows that ended since then; without `since` all
   * that Temporal keeps, those of sold bookings too.
   */
  async find(since?: Date): Promise<void> {
    const running = new Set<string>();
    const open = since === undefined ? this.workflows.running() : this.workflows.undecided();
    for await (const page of inChunks(open, PAGE)) {
      for (const { bookingId } of page) running.add(bookingId);
      await this.compare(page);
    }
    for await (const page of pagePendingBookings(this.db))
      await this.describe(page.filter((bookingId) => !running.has(bookingId)));
    for await (const page of inChunks(this.workflows.closed(since), PAGE)) await this.compare(page);
  }

  private async compare(page: readonly WorkflowStanding[]): Promise<void> {
    const rows = await this.standingsOf(page.map(({ bookingId }) => bookingId));
    const stored = new Map(rows.map((row) => [row.id, row]));
    await this.describe(
      page
        .filter((standing) => findBrokenRule(stored.get(standing.bookingId), standing, new Date()))
        .map(({ bookingId }) => bookingId),
    );
  }

  /** Someone may have started a workflow whose ID names no possible booking: it has no standing. */
  private standingsOf(bookingIds: readonly string[]): Promise<StoredStanding[]> {
    return listBookingStandings(
      this.db,
      bookingIds.filter((id) => isUuid(id)),
    );
  }

  private async describe(bookingIds: readonly string[]): Promise<void> {
    for (let start = 0; start < bookingIds.length; start += DESCRIBED_AT_ONCE)
      await Promise.all(
        bookingIds.slice(start, start + DESCRIBED_AT_ONCE).map((id) => this.describeOne(id)),
      );
  }

  private async describeOne(bookingId: string): Promise<void> {
    const [row] = await this.standingsOf([bookingId]);
    const invariant = findBrokenRule(row, await this.workflows.one(bookingId), new Date());
    if (invariant !== undefined) this.findings.note(invariant, [bookingId]);
  }
}
