import { rollBack } from '../../db/migrate';
import { prepareDatabase } from '../../db/prepare';
import type { AddCommand } from '../command';

export const addMigrate: AddCommand = ({ program, systems, terminal, say }) => {
  program
    .command('migrate')
    .description("brings the schema, the roles' access and the processes' users up to date")
    .option('--down', 'undo the latest migrations instead', false)
    .action(async ({ down }: { down: boolean }) => {
      await systems.withDatabase(
        async (db) => {
          if (down) {
            const undone = await rollBack(db);
            say({ result: undone, text: describeMigrations('Undone', undone) });
            return;
          }
          const { migrations, missing } = await prepareDatabase(
            db,
            systems.target().config.processUrls,
          );
          say({ result: migrations, text: describeMigrations('Run', migrations) });
          for (const role of missing)
            terminal.complain(
              `There is no role ${role}, and this user may not create it: ` +
                'create it, then run this command again.',
            );
        },
        { isChange: true },
      );
    });
};

function describeMigrations(done: string, names: string[]): string {
  return names.length === 0 ? 'Nothing to do' : `${done}: ${names.join(', ')}`;
}
