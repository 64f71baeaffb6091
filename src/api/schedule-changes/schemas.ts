import { z } from 'zod';
import { SCHEDULE_CHANGE_STATUSES } from '../../db/schedule-changes/progress-view';
import {
  CabinName,
  Id,
  isKnownYear,
  lineOfText,
  PassengerTypeName,
  ScheduleChangeKind,
  SeatNumber,
} from '../schemas';

const Reason = lineOfText(200).meta({
  description: 'In words that customers may read.',
  example: 'The aircraft needs a repair.',
});

const GivenInstant = z.iso
  .datetime({ offset: true })
  .refine(isKnownYear, 'There was no year 0.')
  .transform((instant) => new Date(instant).toISOString());

export const ScheduleChangeRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cancelled'), reason: Reason }),
  z.strictObject({
    kind: z.literal('moved'),
    departureAt: GivenInstant,
    arrivalAt: GivenInstant,
    reason: Reason,
  }),
]);

export type ScheduleChangeRequest = z.infer<typeof ScheduleChangeRequest>;

const Count = z.int().min(0);

const ScheduleChangeStatusName = z.enum(SCHEDULE_CHANGE_STATUSES).meta({
  id: 'ScheduleChangeStatus',
  description:
    '`applying`: the flight is as before. `telling`: bookings are being told. ' +
    '`waiting`: customers may respond. `completed`: every booking is settled, or failed.',
});

export const ScheduleChange = z
  .object({
    id: Id,
    flightId: Id,
    kind: ScheduleChangeKind,
    status: ScheduleChangeStatusName,
    affected: Count.meta({ description: 'Bookings with a seat on it when it was applied.' }),
    settled: Count,
    waiting: Count.meta({ description: 'Those that wait for their customer.' }),
    failed: Count.meta({ description: 'Those that could not be told.' }),
  })
  .meta({
    id: 'ScheduleChange',
    description: 'What the airline does to a flight, and how far it is.',
  });

export const PassengerList = z
  .object({
    flightId: Id,
    passengers: z.array(
      z
        .object({
          seatNumber: SeatNumber.nullable().meta({ description: 'Null for infants.' }),
          cabin: CabinName,
          givenName: z.string().nullable(),
          familyName: z.string(),
          type: PassengerTypeName,
          bookingId: Id,
          reference: z.string(),
        })
        .meta({ id: 'ListedPassenger', description: 'Someone who is booked on a flight.' }),
    ),
  })
  .meta({ id: 'PassengerList', description: 'Who is booked on a flight, by seat.' });
