import { readBookingReport } from '../booking/booking-report';
import { describeBookingReport } from '../booking/describe-booking-report';
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
      const report = await systems.withSystem(async (system) =>
        readBookingReport(system, await findBooking(system, which)),
      );
      const isFinding = report.disagreements.length > 0;
      say({ result: report, text: describeBookingReport(report), isFinding }, format);
    });
};
