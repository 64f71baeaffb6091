import { Command } from 'commander';
import { describeError } from '../scripts/stack/failure';
import { connect, WAITS_OF_LOADS, type Db } from '../src/db/connection';
import { prepareDatabase } from '../src/db/prepare';
import { withLoadingServer } from './fill/folder';
import { BOOKINGS_OF_CHUNK, fillChunk } from './fill/settled-books';
import { wholeNumber } from './measure/options';
import { findRunningStack } from './measure/running-stack';

/** npm run bench:fill: a database with millions of settled bookings, to measure what grows with it. */

interface Options {
  bookings: number;
  database?: string;
  folder?: string;
}

async function run({ bookings, database, folder }: Options): Promise<void> {
  if (folder !== undefined) await withLoadingServer(folder, (url) => fill(url, bookings));
  else await fill(database ?? (await findRunningStack()).databaseUrl, bookings);
}

async function fill(url: string, bookings: number): Promise<void> {
  const db = connect(url, {
    applicationName: 'bench-fill',
    maxConnections: 1,
    waits: WAITS_OF_LOADS,
  });
  try {
    await prepareDatabase(db, { api: undefined, worker: undefined, sandbox: undefined });
    const begunAt = Date.now();
    const before = await countFilled(db);
    let written = 0;
    for (let done = 0; done < bookings; done += BOOKINGS_OF_CHUNK) {
      const count = Math.min(BOOKINGS_OF_CHUNK, bookings - done);
      written += await fillChunk(db, before + done, count);
      const seconds = Math.round((Date.now() - begunAt) / 1000);
      console.log(`${String(done + count)} of ${String(bookings)} bookings, ${String(seconds)} s`);
    }
    console.log('Collecting statistics …');
    await db.raw('SET statement_timeout = 0');
    await db.raw('VACUUM ANALYZE');
    await noteAsChecked(db);
    console.log(`${String(written)} bookings. To check them: npm run audit -- --full`);
  } finally {
    await db.destroy();
  }
}

/** A second fill begins behind the first, with a flight of its own. */
async function countFilled(db: Db): Promise<number> {
  await db.raw('SET statement_timeout = 0');
  const { rows } = await db.raw<{ rows: [{ flights: number }] }>(
    `SELECT count(*) AS flights FROM flights WHERE carrier_code = 'ZZ'`,
  );
  const flightsOfChunk = 100;
  return Math.ceil(rows[0].flights / flightsOfChunk) * BOOKINGS_OF_CHUNK;
}

/** These bookings are the past of a shop whose last audit was clean. */
async function noteAsChecked(db: Db): Promise<void> {
  await db.raw(
    `UPDATE audit_progress SET rows_checked_to = now(),
       events_checked_to = (SELECT coalesce(max(id), 0) FROM booking_events)`,
  );
}

const options = new Command('npm run bench:fill --')
  .description('Fills the database of the local stack with settled bookings.')
  .option('--bookings <number>', 'how many', wholeNumber(1, 100_000_000), 1_000_000)
  .option('--database <url>', 'another database, as the owner of its tables')
  .option('--folder <path>', 'a data folder on which no stack runs; made if it is not there')
  .parse()
  .opts<Options>();

run(options).catch((error: unknown) => {
  console.error(describeError(error));
  process.exit(1);
});
