import { listFlightIds } from '../../db/bookings/sold-view';
import type { ScheduleChangeRequest } from '../../domain/schedule-change';
import { AS_OPTION, date, instant, line } from '../arguments';
import { JSON_OPTION, type AddCommand, type Change } from '../command';
import { describeDisrupted, describePreview, disrupt, preview } from '../disruption';
import { CommandFailure } from '../failure';
import { chooseFlight } from '../sold';

interface Options extends Change {
  date?: string;
  cancel: boolean;
  departs?: Date;
  arrives?: Date;
  reason: string;
  dryRun: boolean;
}

export const addDisrupt: AddCommand = ({ program, systems, say }) => {
  program
    .command('disrupt <flight>')
    .description('cancels or moves a flight, by flight ID or number, and tells its bookings')
    .option('--date <date>', 'of its departure, local at the origin', date)
    .option('--cancel', 'it does not fly', false)
    .option('--departs <instant>', 'its new departure, such as 2026-12-01T09:30:00Z', instant)
    .option('--arrives <instant>', 'its new arrival', instant)
    .requiredOption('--reason <text>', 'why; customers can read it', line)
    .requiredOption(...AS_OPTION)
    .option('--dry-run', 'only says how many bookings, and how much money', false)
    .option(...JSON_OPTION)
    .action(async (which: string, { dryRun, reason, ...options }: Options) => {
      const change = changeOf(options);
      const findId = async (db: Parameters<typeof listFlightIds>[0]) => {
        const [flightId, ...others] = await listFlightIds(db, chooseFlight(which, options.date));
        if (flightId === undefined) throw new CommandFailure('There is no such flight.');
        if (others.length > 0)
          throw new CommandFailure('Several flights have this number on that day: name one by ID.');
        return flightId;
      };
      if (dryRun) {
        const found = await systems.withDatabase(async (db) =>
          preview(db, { flightId: await findId(db), change }),
        );
        say({ result: found, text: describePreview(found) }, options);
        return;
      }
      const disrupted = await systems.withSystem(
        async (system) =>
          disrupt(system, { flightId: await findId(system.db), change, reason, by: options.as }),
        { isChange: true, by: options.as },
      );
      const isFinding = disrupted.isSuperseded;
      say({ result: disrupted, text: describeDisrupted(disrupted), isFinding }, options);
    });
};

function changeOf({
  cancel,
  departs,
  arrives,
}: Pick<Options, 'cancel' | 'departs' | 'arrives'>): ScheduleChangeRequest {
  if (cancel && departs === undefined && arrives === undefined) return { kind: 'cancelled' };
  if (!cancel && departs !== undefined && arrives !== undefined)
    return { kind: 'moved', departureAt: departs, arrivalAt: arrives };
  throw new CommandFailure('It takes --cancel, or both --departs and --arrives.');
}
