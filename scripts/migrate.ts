import { parseArgs } from 'node:util';
import { connect } from '../src/db/connection';
import { rollBack } from '../src/db/migrate';
import { runAsCommand } from './stack/command';
import { prepareDatabase } from './stack/database-setup';
import { databaseUrl } from './stack/database-url';
import { localEnvironment, readSettings } from './stack/settings';

/**
 * npm run migrate: brings the schema, the roles' access and the processes' users up to date; with
 * `-- --down`, undoes what ran last.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { down: { type: 'boolean', default: false } } });
  const db = connect(databaseUrl(), {
    applicationName: 'flight-bookings-migrate',
    maxConnections: 1,
  });
  try {
    if (values.down) {
      console.log(tellOf('Undone', await rollBack(db)));
      return;
    }
    const { processUrls } = readSettings(localEnvironment());
    const { migrations, missing } = await prepareDatabase(db, processUrls);
    console.log(tellOf('Run', migrations));
    for (const role of missing)
      console.warn(
        `There is no role ${role}, and this user may not create it: have it created, then run this again.`,
      );
  } finally {
    await db.destroy();
  }
}

function tellOf(done: string, names: string[]): string {
  return names.length === 0 ? 'Nothing to do' : `${done}: ${names.join(', ')}`;
}

runAsCommand(main);
