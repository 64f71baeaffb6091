import { isDatabaseAway, type Db } from '../connection';
import { nextAnswers, rangeOf } from './answers';
import type { KeyedKind } from './checks/check';
import { checksOf } from './checks/checks';
import type { Findings, Suspect } from './findings';
import { findHorizon, NO_HORIZON, type Horizon } from './horizon';
import { finishWhole, replaceSuspects } from './progress';
import { inSnapshot } from './snapshot';

/** Where a complete run continues; plain JSON, so that a workflow can carry it. */
export interface Position {
  stage: Stage;
  /** The last key that was checked in this stage; none at its beginning. */
  after: string[];
  /** What the run covers. */
  horizon: Horizon;
  /** Invariants that could not be checked so far. */
  failed: string[];
}

type Stage = 'open' | KeyedKind | 'answers';

const NEXT: Record<Stage, Stage | null> = {
  open: 'booking',
  booking: 'payment',
  payment: 'flight',
  flight: 'provider_payment',
  provider_payment: 'provider_refund',
  provider_refund: 'answers',
  answers: null,
};

/** Tables by their keys, and how many rows one batch has: a fraction of a second for each. */
const PAGES: Record<KeyedKind, { table: string; key: 'uuid' | 'text'; rows: number }> = {
  booking: { table: 'bookings', key: 'uuid', rows: 2_000 },
  payment: { table: 'payments', key: 'uuid', rows: 2_000 },
  // Each has a hundred seats or two.
  flight: { table: 'flights', key: 'uuid', rows: 100 },
  provider_payment: { table: 'sandbox_provider.payment_intents', key: 'text', rows: 5_000 },
  provider_refund: { table: 'sandbox_provider.refunds', key: 'text', rows: 5_000 },
};

/** Begins a complete run: what is written from now on is for the next one. */
export async function beginWhole(db: Db): Promise<Position> {
  return { ...beginUnkept(), horizon: await findHorizon(db, ['booking_events', 'audit_suspects']) };
}

/** Begins a complete run that notes nothing. */
export function beginUnkept(): Position {
  return { stage: 'open', after: [], horizon: NO_HORIZON, failed: [] };
}

/**
 * Checks all rows page by page, until the time is up. Returns where to continue; null at the end.
 *
 * Pages go by key, so each statement is bounded, whatever is inserted or deleted meanwhile. Safe to
 * repeat from any position.
 *
 * @param isKept Whether the run notes what it has checked, and what is wrong, for later runs.
 */
export async function auditWhole(
  db: Db,
  findings: Findings,
  from: Position,
  { until, isKept }: { until: number; isKept: boolean },
): Promise<Position | null> {
  let position = from;
  do {
    const { after, violators } = await auditPage(db, findings, position);
    if (isKept) await replaceSuspects(db, [], violators);
    const stage = after === null ? NEXT[position.stage] : position.stage;
    if (stage === null) {
      if (isKept && findings.isComplete && position.horizon.isSettled)
        await finishWhole(db, position.horizon);
      return null;
    }
    position = { ...position, stage, after: after ?? [], failed: findings.failed };
  } while (Date.now() < until);
  return position;
}

interface Page {
  /** The last key; null when the stage is at its end. */
  after: string[] | null;
  violators: Suspect[];
}

async function auditPage(db: Db, findings: Findings, { stage, after }: Position): Promise<Page> {
  try {
    switch (stage) {
      case 'open':
        return { after: null, violators: await checkOpen(db, findings) };
      case 'answers':
        return await auditAnswers(db, findings, after);
      case 'booking':
      case 'payment':
      case 'flight':
      case 'provider_payment':
      case 'provider_refund':
        return await auditKeys(db, findings, stage, after);
      default:
        return stage satisfies never;
    }
  } catch (error) {
    // The page could not be read: nothing of this kind can be checked.
    if (!(error instanceof Error) || isDatabaseAway(error)) throw error;
    for (const { invariant } of checksOf(stage)) findings.fail(invariant, error.message);
    return { after: null, violators: [] };
  }
}

function checkOpen(db: Db, findings: Findings): Promise<Suspect[]> {
  return inSnapshot(db, findings, (snapshot) => snapshot.check('open', {}));
}

async function auditKeys(
  db: Db,
  findings: Findings,
  kind: KeyedKind,
  [after]: string[],
): Promise<Page> {
  const { table, key, rows } = PAGES[kind];
  const first = key === 'uuid' ? '00000000-0000-0000-0000-000000000000' : '';
  return inSnapshot(db, findings, async (snapshot) => {
    const { rows: found } = await snapshot.trx.raw<{ rows: { id: string }[] }>(
      `SELECT id FROM ${table} WHERE id > CAST(:after AS ${key}) ORDER BY id LIMIT ${rows}`,
      { after: after ?? first },
    );
    const ids = found.map(({ id }) => id);
    const last = ids.at(-1);
    if (last === undefined) return { after: null, violators: [] };
    const violators = await snapshot.check(kind, { ids });
    return { after: ids.length < rows ? null : [last], violators };
  });
}

async function auditAnswers(db: Db, findings: Findings, after: string[]): Promise<Page> {
  return inSnapshot(db, findings, async (snapshot) => {
    const last = await nextAnswers(snapshot.trx, after);
    if (last === null) return { after: null, violators: [] };
    return { after: last, violators: await snapshot.check('answers', rangeOf(after, last)) };
  });
}
