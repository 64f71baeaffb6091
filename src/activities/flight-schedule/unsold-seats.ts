import type { Db } from '../../db/connection';
import { archiveUnsoldSeats, findUnsoldFlights } from '../../db/seats/unsold';
import type { ArchivedSeats } from '../../temporal/contracts/flight-schedule';

/**
 * Nothing frees or takes a seat once its flight has left. A week leaves time to look into what went
 * wrong with a flight while its rows are as they were sold.
 */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Flights that are archived in one transaction: some 3,000 seats, which take a tenth of a second.
 * Triggers that list what is changed by hand list at most 10,000 rows of a transaction.
 */
const BATCH = 20;

interface Archiving {
  db: Db;
  now: Date;
  /** Called after each batch, with the time that it took. */
  afterBatch?: (elapsedMs: number) => Promise<void>;
}

/**
 * Archives the unsold seats of all flights that left a week ago or earlier, in short transactions.
 * Safe to repeat, to kill, and to run twice at once.
 */
export async function archiveOldSeats({ db, now, afterBatch }: Archiving): Promise<ArchivedSeats> {
  const before = new Date(now.getTime() - KEPT_MS);
  const archived: ArchivedSeats = { flights: 0, seats: 0 };
  let after: string | undefined;
  do {
    const { departed, last } = await findUnsoldFlights(db, { before, after });
    for (let first = 0; first < departed.length; first += BATCH) {
      const startedAt = performance.now();
      const batch = departed.slice(first, first + BATCH);
      archived.seats += await archiveUnsoldSeats(db, batch, before);
      archived.flights += batch.length;
      await afterBatch?.(performance.now() - startedAt);
    }
    after = last;
  } while (after !== undefined);
  return archived;
}
