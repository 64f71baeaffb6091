import { z } from 'zod';
import { FlightSearchQuery, FlightStatusName } from '../flights/schemas';
import { ScheduleChange } from '../schedule-changes/schemas';
import {
  CabinName,
  CurrencyCode,
  GivenId,
  Id,
  Instant,
  lineOfText,
  MinorUnits,
  page,
  PlaceCode,
} from '../schemas';
import { BookingStatusName } from '../statuses';
import { OPERATOR_ACTIONS, STUCK_KINDS } from './needs-a-person';
import { TIMELINE_KINDS } from './timeline';

export const Timeline = z
  .object({
    bookingId: Id,
    entries: z.array(
      z
        .object({
          at: Instant,
          kind: z.enum(TIMELINE_KINDS).meta({ description: 'Which record it comes from.' }),
          title: z.string(),
          detail: z.string().nullable(),
          by: z.string().nullable().meta({ description: 'Who did it, where that is known.' }),
        })
        .meta({ id: 'TimelineEntry' }),
    ),
    isComplete: z.boolean().meta({ description: 'False when older entries are left out.' }),
  })
  .meta({ id: 'Timeline', description: 'All that is on record about a booking, in one list.' });

export const FlightLoadQuery = FlightSearchQuery.pick({
  date: true,
  limit: true,
  cursor: true,
}).extend({
  origin: PlaceCode.optional().meta({ description: 'Left out: any.' }),
  destination: PlaceCode.optional().meta({ description: 'Left out: any.' }),
});

const SEATS = {
  capacity: z.int().min(1),
  sold: z.int().min(0),
  held: z.int().min(0),
  free: z.int().min(0),
};

const FlightLoad = z
  .object({
    id: Id,
    flightNumber: z.string(),
    origin: z.string().meta({ description: 'IATA code.' }),
    destination: z.string().meta({ description: 'IATA code.' }),
    departureAt: Instant,
    arrivalAt: Instant,
    status: FlightStatusName,
    aircraft: z.object({ model: z.string() }),
    seats: z.object(SEATS),
    cabins: z.array(z.object({ cabin: CabinName, ...SEATS })),
    scheduleChanges: z.array(ScheduleChange.extend({ reason: z.string() })),
  })
  .meta({ id: 'FlightLoad', description: 'A flight, and what became of its seats.' });

export const FlightLoadPage = page(FlightLoad).meta({ id: 'FlightLoadPage' });

export const NeedsAPerson = z
  .object({
    checkedAt: Instant,
    data: z.array(
      z
        .object({
          kind: z.enum(STUCK_KINDS),
          what: z.string().meta({
            description: 'The reference of the booking, or what else names it.',
          }),
          bookingId: Id.nullable(),
          paymentId: Id.nullable(),
          refundId: Id.nullable().meta({ description: 'Which refund of the payment it is.' }),
          workflowId: z.string(),
          since: Instant,
          reason: z.string(),
          todo: z.string().meta({ description: 'What to do about it, in words.' }),
          actions: z.array(z.enum(OPERATOR_ACTIONS)),
          workflowUrl: z.string().nullable().meta({ description: "Its page in Temporal's UI." }),
        })
        .meta({ id: 'StuckCase' }),
    ),
  })
  .meta({ id: 'NeedsAPerson', description: 'What makes no progress without a person.' });

const Note = lineOfText(200).meta({ description: 'Why; only staff can read it.' });

export const RetryPaymentRequest = z.strictObject({ note: Note });

export const RefundActionRequest = z.strictObject({
  paymentId: GivenId,
  refundId: GivenId.optional().meta({
    description: 'Which refund of the payment; needed while several are open.',
  }),
  note: Note,
});

export const PaymentRetried = z
  .object({
    bookingId: Id,
    status: BookingStatusName,
    isUnderWay: z.boolean().meta({ description: 'Whether the provider has still to decide.' }),
  })
  .meta({ id: 'PaymentRetried' });

export const RefundStanding = z
  .object({
    paymentId: Id,
    refundId: Id,
    amount: MinorUnits,
    currency: CurrencyCode,
    status: z.enum(['pending', 'succeeded', 'needs_operator', 'nothing_owed']),
    whyOperator: z.string().nullable().meta({ description: 'Why it needs a person.' }),
  })
  .meta({ id: 'RefundStanding' });
