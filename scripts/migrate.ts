import { parseArgs } from 'node:util';
import { connect } from '../src/db/connection';
import { migrateToLatest, rollBack } from '../src/db/migrate';
import { runAsCommand } from './stack/command';
import { databaseUrl } from './stack/database-url';

/** npm run migrate: brings the schema up to date; with `-- --down`, undoes what ran last. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { down: { type: 'boolean', default: false } } });
  const db = connect(databaseUrl(), {
    applicationName: 'flight-bookings-migrate',
    maxConnections: 1,
  });
  try {
    const names = values.down ? await rollBack(db) : await migrateToLatest(db);
    const done = values.down ? 'Undone' : 'Run';
    console.log(names.length === 0 ? 'Nothing to do' : `${done}: ${names.join(', ')}`);
  } finally {
    await db.destroy();
  }
}

runAsCommand(main);
