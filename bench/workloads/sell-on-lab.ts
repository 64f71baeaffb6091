import { connect, WAITS_OF_LOADS, type Db } from '../../src/db/connection';
import { openWorkflows } from '../fill/open-workflows';
import { sellAhead, type SoldAhead } from '../fill/sold-ahead';
import type { OurStack } from './bench';
import type { Say } from './step';

const CONNECTIONS = 8;

type Place = Pick<OurStack, 'lab' | 'instruments'>;

/** Fills flights with bookings whose workflows run. Returns the bookings' IDs. */
export async function sellOnLab(place: Place, sold: SoldAhead, say: Say): Promise<string[]> {
  const bookings = await writeOnLab(place, sold);
  await openOnLab(place, bookings, say);
  return bookings;
}

/** Fills flights with bookings that have no workflow yet. Returns their IDs. */
export async function writeOnLab(place: Place, sold: SoldAhead): Promise<string[]> {
  return filling(place, (db) => sellAhead(db, sold));
}

/** Starts the workflows of such bookings, and waits until each of them waits for its departure. */
export async function openOnLab(
  place: Place,
  bookings: readonly string[],
  say: Say,
): Promise<void> {
  const { cluster } = place.lab;
  const { connection } = place.instruments.temporal;
  await filling(place, (db) =>
    openWorkflows({ db, connection, cluster }, bookings, (started) => {
      if (started % 100 === 0) say(`${started} of ${bookings.length} workflows`);
    }),
  );
}

async function filling<T>({ lab }: Place, work: (db: Db) => Promise<T>): Promise<T> {
  const db = connect(lab.cluster.databaseUrl, {
    applicationName: 'bench-fill',
    maxConnections: CONNECTIONS,
    waits: WAITS_OF_LOADS,
  });
  return work(db).finally(() => db.destroy());
}
