import { connect, WAITS_OF_LOADS } from '../../src/db/connection';
import { openWorkflows } from '../fill/open-workflows';
import { sellAhead, type SoldAhead } from '../fill/sold-ahead';
import type { OurStack } from './bench';
import type { Say } from './step';

const CONNECTIONS = 8;

/** Fills flights with bookings whose workflows run. Returns the bookings' IDs. */
export async function sellOnLab(
  { lab, instruments }: Pick<OurStack, 'lab' | 'instruments'>,
  sold: SoldAhead,
  say: Say,
): Promise<string[]> {
  const { cluster } = lab;
  const db = connect(cluster.databaseUrl, {
    ...{ applicationName: 'bench-fill', maxConnections: CONNECTIONS },
    waits: WAITS_OF_LOADS,
  });
  try {
    const bookings = await sellAhead(db, sold);
    const { connection } = instruments.temporal;
    await openWorkflows({ db, connection, cluster }, bookings, (started) => {
      if (started % 100 === 0) say(`${started} of ${bookings.length} workflows`);
    });
    return bookings;
  } finally {
    await db.destroy();
  }
}
