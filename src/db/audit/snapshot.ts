import { isDatabaseAway, type Db } from '../connection';
import type { BatchKind, Check } from './checks/check';
import { checksOf } from './checks/checks';
import type { Findings, Suspect } from './findings';

/** The values of a batch's placeholders. */
type Bindings = Readonly<Record<string, string | Date | readonly string[]>>;

/**
 * One consistent view of the books, in which batches are checked. So concurrent writes can't look
 * like a violation. It lasts as long as a few batches, so that it doesn't keep PostgreSQL from
 * cleaning up.
 */
export class Snapshot {
  constructor(
    readonly trx: Db,
    private readonly findings: Findings,
  ) {}

  /**
   * Checks one batch, each invariant on its own. Notes the violations, and returns what violates as
   * suspects.
   */
  async check(batch: BatchKind, bindings: Bindings): Promise<Suspect[]> {
    const suspects: Suspect[] = [];
    for (const check of checksOf(batch)) {
      if (this.findings.hasFailed(check.invariant)) continue;
      const rows = await this.find(check, bindings);
      this.findings.note(
        check.invariant,
        rows.map(({ id }) => id),
      );
      const kind = check.keptAs ?? (batch === 'open' ? undefined : batch);
      if (kind !== undefined && kind !== 'answers' && kind !== 'recent')
        suspects.push(...rows.map(({ subject }) => ({ kind, subject })));
    }
    return suspects;
  }

  /** A savepoint keeps the snapshot usable for other checks if this one fails. */
  private async find({ invariant, query }: Check, bindings: Bindings): Promise<Violator[]> {
    try {
      return await this.trx.transaction(async (savepoint) => {
        const { rows } = await savepoint.raw<{ rows: Violator[] }>(
          `SELECT CAST(id AS text) AS id, CAST(subject AS text) AS subject FROM (${query}) violators`,
          bindings as Record<string, string>,
        );
        return rows;
      });
    } catch (error) {
      if (!(error instanceof Error) || isDatabaseAway(error)) throw error;
      this.findings.fail(invariant, error.message);
      return [];
    }
  }
}

interface Violator {
  id: string;
  subject: string;
}

/** Opens a snapshot for as long as `work` takes. */
export async function inSnapshot<T>(
  db: Db,
  findings: Findings,
  work: (snapshot: Snapshot) => Promise<T>,
): Promise<T> {
  return db.transaction((trx) => work(new Snapshot(trx, findings)), {
    isolationLevel: 'repeatable read',
    readOnly: true,
  });
}
