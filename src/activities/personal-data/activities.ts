import { heartbeat, sleep } from '@temporalio/activity';
import type { Db } from '../../db/connection';
import { eraseAllRequested, eraseDeparted } from '../../db/personal-data/erase';
import { erasableBefore } from '../../domain/retention';
import type { RetentionReport } from '../../temporal/contracts/retention';

export interface PersonalDataDependencies {
  db: Db;
  /** How long personal data are kept after departure; 0: until a customer asks for erasure. */
  personalDataDays: number;
}

/** The longest pause between two batches, in milliseconds. */
const LONGEST_PAUSE_MS = 2_000;

/** The activity of retention: it blanks what is due, which is safe to repeat. */
export function personalDataActivities({ db, personalDataDays }: PersonalDataDependencies) {
  return {
    /**
     * Erases the personal data that are due. It pauses for as long as each batch took, so that it
     * never takes more than half of one connection from those who sell.
     *
     * Heartbeats after each batch. Ends between two batches when it is cancelled or its worker
     * stops: another attempt goes on from there.
     */
    async erasePersonalData(): Promise<RetentionReport> {
      const now = new Date();
      const requested = await eraseAllRequested(db, { before: erasableBefore(now), afterBatch });
      if (personalDataDays === 0) return { requested, departed: 0 };
      const before = erasableBefore(now, personalDataDays);
      return { requested, departed: await eraseDeparted(db, { before, afterBatch }) };
    },
  };
}

async function afterBatch(elapsedMs: number): Promise<void> {
  heartbeat();
  await sleep(Math.min(elapsedMs, LONGEST_PAUSE_MS));
}

export type PersonalDataActivities = ReturnType<typeof personalDataActivities>;
