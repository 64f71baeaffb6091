import { describeDossier } from '../booking/describe-dossier';
import { readDossier } from '../booking/dossier';
import { findBooking } from '../booking/find-booking';
import { JSON_OPTION, type AddCommand, type Format } from '../command';

export const addShow: AddCommand = ({ program, systems, say }) => {
  program
    .command('show <booking>')
    .description(
      'shows a booking, by reference or ID: database, workflow and provider side by side',
    )
    .option(...JSON_OPTION)
    .action(async (which: string, format: Format) => {
      const dossier = await systems.withSystem(async (system) =>
        readDossier(system, await findBooking(system, which)),
      );
      const isFinding = dossier.disagreements.length > 0;
      say({ result: dossier, text: describeDossier(dossier), isFinding }, format);
    });
};
