import { z } from 'zod';
import {
  BOOKING_ACTIONS,
  SEGMENT_STATUSES,
  type Booking as BookingOfDomain,
} from '../../domain/booking';
import { ACTOR_KINDS, BOOKING_EVENT_TYPES } from '../../domain/booking-event';
import { MAX_SEGMENTS, MAX_SLICES } from '../../domain/itinerary';
import type { PassengerRequest as DomainPassenger } from '../../domain/passenger';
import { SCHEDULE_CHANGE_ACTIONS, SCHEDULE_CHANGE_OUTCOMES } from '../../domain/schedule-change';
import { MAX_CONNECTIONS } from '../../domain/slice';
import {
  Airport,
  AmountOrNothing,
  CabinName,
  CurrencyCode,
  Cursor,
  GivenId,
  Id,
  Instant,
  lineOfText,
  MinorUnits,
  Money,
  page,
  PageLimit,
  PassengerTypeName,
  ScheduleChangeKind,
  SeatNumber,
} from '../schemas';
import {
  BookingStatusName,
  CancellationReasonName,
  PaymentStatusName,
  RefundStatusName,
} from '../statuses';
import { Metadata } from './metadata';
import {
  BirthDate,
  EmailAddress,
  GivenName,
  LoyaltyNumber,
  PersonName,
  PhoneNumber,
  Title,
} from './people';
import { findRequestFaults } from './request-faults';

/** Nine seated passengers, and an infant on each lap. */
const MAX_PARTY = 18;

const PassengerRequest = z
  .strictObject({
    givenName: GivenName,
    familyName: PersonName,
    type: PassengerTypeName.default('adult'),
    seatNumber: SeatNumber.optional().meta({
      description:
        'Of a booking of one flight. Left out: one is chosen, the party together where it can be. ' +
        'Not for infants.',
    }),
    seats: z
      .array(z.strictObject({ flightId: GivenId, seatNumber: SeatNumber }))
      .max(MAX_SEGMENTS)
      .optional()
      .meta({ description: 'The same for each flight; on those left out, one is chosen.' }),
    title: Title.optional(),
    bornOn: BirthDate.optional(),
    loyaltyNumber: LoyaltyNumber.optional(),
  })
  .meta({ id: 'PassengerRequest', description: 'Someone who is to fly.' });

/** Returns the passenger without the fields that were left out. */
export function toPassenger({
  givenName,
  familyName,
  type,
  seatNumber,
  seats,
  title,
  bornOn,
  loyaltyNumber,
}: z.infer<typeof PassengerRequest>): DomainPassenger {
  return {
    ...(givenName === undefined ? {} : { givenName }),
    familyName,
    type,
    ...(seatNumber === undefined ? {} : { seatNumber }),
    ...(seats === undefined ? {} : { seats }),
    ...(title === undefined ? {} : { title }),
    ...(bornOn === undefined ? {} : { bornOn }),
    ...(loyaltyNumber === undefined ? {} : { loyaltyNumber }),
  };
}

const SliceRequest = z
  .strictObject({
    flightIds: z
      .array(GivenId)
      .min(1)
      .max(MAX_CONNECTIONS + 1)
      .meta({ description: 'Its flights, in the order in which they are flown.' }),
  })
  .meta({ id: 'SliceRequest', description: 'The way in one direction.' });

// The price is looked up, never sent by the client.
export const CreateBookingRequest = z
  .strictObject({
    flightId: GivenId.optional().meta({
      description: 'The flight, of a booking of one. Either this or `slices`.',
    }),
    slices: z
      .array(SliceRequest)
      .min(1)
      .max(MAX_SLICES)
      .optional()
      .meta({
        description:
          'The way there, the way back, and so on: at most 8 flights in all, each once. ' +
          'Either this or `flightId`.',
      }),
    cabin: CabinName.default('economy'),
    passengers: z.array(PassengerRequest).min(1).max(MAX_PARTY).meta({
      description:
        'At most 9 with a seat, at least one adult, and at most one infant for each adult.',
    }),
    contact: z
      .strictObject({ email: EmailAddress.optional(), phone: PhoneNumber.optional() })
      .refine(isReachable, {
        message: 'An e-mail address or a phone number is required.',
        path: ['email'],
        when: () => true,
      })
      .optional()
      .meta({ description: 'Whom to tell about the booking: one of both, at least.' }),
    metadata: Metadata.optional(),
  })
  .refine((request) => hasOne(request, 'flightId', 'slices'), {
    message: 'Either flightId or slices is required, and not both.',
    path: ['flightId'],
    // Told together with whatever else is wrong.
    when: () => true,
  })
  .superRefine((request, context) => {
    for (const { path, detail } of findRequestFaults(request))
      context.addIssue({ code: 'custom', message: detail, path });
  })
  .meta({ id: 'CreateBooking' });

/** Whether a contact has an address or a number; true of what is no object. */
function isReachable(contact: unknown): boolean {
  if (typeof contact !== 'object' || contact === null || Array.isArray(contact)) return true;
  const { email, phone } = contact as Record<string, unknown>;
  return email !== undefined || phone !== undefined;
}

/** Whether a request has exactly one of two fields; true of what is no object. */
function hasOne(request: unknown, one: string, other: string): boolean {
  if (typeof request !== 'object' || request === null || Array.isArray(request)) return true;
  const fields = request as Record<string, unknown>;
  return (fields[one] === undefined) !== (fields[other] === undefined);
}

export type CreateBookingRequest = z.infer<typeof CreateBookingRequest>;

export const CancelBookingRequest = z
  .strictObject({
    reason: lineOfText(200).optional().meta({ description: "Why; the booking's owner reads it." }),
    note: lineOfText(200)
      .optional()
      .meta({ description: 'For operators alone, to write and to read.' }),
    expectedRefund: z
      .strictObject({ amount: AmountOrNothing, currency: CurrencyCode })
      .optional()
      .meta({ description: 'If another amount would be refunded, nothing is cancelled.' }),
  })
  .meta({ id: 'CancelBooking' });

export const AcceptScheduleChangeRequest = z
  .strictObject({
    scheduleChangeId: GivenId.optional().meta({
      description:
        'The `scheduleChange.id` whose times were shown. If other times are offered by now, nothing is accepted.',
    }),
  })
  .meta({ id: 'AcceptScheduleChange' });

export const CancellationQuote = z
  .object({ bookingId: Id, refund: Money, fee: Money })
  .meta({ id: 'CancellationQuote' });

export const BookingEvents = z
  .object({
    data: z.array(
      z.object({
        type: z.enum(BOOKING_EVENT_TYPES),
        occurredAt: Instant,
        actor: z.enum(ACTOR_KINDS),
        reason: z.string().nullable(),
        by: z.string().optional().meta({ description: 'Who it was. For operators alone.' }),
        note: z
          .string()
          .nullable()
          .optional()
          .meta({ description: 'What staff wrote for themselves. For operators alone.' }),
      }),
    ),
  })
  .meta({ id: 'BookingEvents' });

const GivenReference = z
  .string()
  .regex(/^[A-HJ-NP-Za-hj-np-z2-9]{6}$/, 'Six characters, without 0, O, 1 and I.')
  .toUpperCase()
  .optional()
  .meta({ description: 'In capital or small letters.', example: '9L3AEC' });

/** In a body, so that no name and no address stands in a URL. */
export const SearchBookingsRequest = z
  .strictObject({
    contactEmail: EmailAddress.optional(),
    familyName: PersonName.optional().meta({ description: 'Of any of the passengers.' }),
    flightId: GivenId.optional().meta({ description: 'One of the flights.' }),
    reference: GivenReference,
    limit: z.int().min(1).max(100).default(20).meta({ description: PageLimit.description }),
    cursor: Cursor,
  })
  .refine(
    ({ limit: _, cursor: __, ...criteria }) =>
      Object.values(criteria).some((criterion) => criterion !== undefined),
    { message: 'At least one of contactEmail, familyName, flightId and reference is required.' },
  )
  .meta({ id: 'SearchBookings' });

export const BookingListQuery = z.strictObject({
  status: BookingStatusName.optional().meta({ description: 'Only bookings that are so now.' }),
  reference: GivenReference,
  limit: PageLimit,
  cursor: Cursor,
});

const Price = z
  .object({
    amount: MinorUnits,
    currency: CurrencyCode,
    breakdown: z
      .object({ base: MinorUnits, taxes: MinorUnits, fees: MinorUnits })
      .meta({ id: 'PriceBreakdown', description: 'Sums up to the amount.' }),
  })
  .meta({ id: 'Price', description: 'For the whole party; fixed for as long as seats are held.' });

/** Of fields that outcomes of keys lack which were stored before passengers had them. */
const SINCE_PASSENGERS =
  'Left out only where the outcome of a key is repeated that was stored before it existed.';

const OR_NULL = `Null where none was sent. ${SINCE_PASSENGERS}`;

const money = { amount: MinorUnits, currency: CurrencyCode };

const BookedFlight = z.object({
  id: Id,
  flightNumber: z.string(),
  origin: Airport,
  destination: Airport,
  departureAt: Instant,
  arrivalAt: Instant,
});

const BookedSlice = z
  .object({
    origin: Airport,
    destination: Airport,
    departureAt: Instant,
    arrivalAt: Instant,
    segments: z.array(
      BookedFlight.extend({
        cabin: CabinName,
        status: z.enum(SEGMENT_STATUSES).meta({
          description: '`cancelled` once the booking is, or when it does not fly.',
        }),
      }).meta({ id: 'BookedSegment', description: 'One flight of a slice.' }),
    ),
  })
  .meta({ id: 'BookedSlice', description: 'The way in one direction.' });

const ScheduleChangeOffer = z
  .object({
    id: Id,
    kind: ScheduleChangeKind,
    before: z.array(BookedSlice).meta({ description: 'As a person accepted it last.' }),
    after: z.array(BookedSlice).meta({ description: 'As it is now.' }),
    availableActions: z.array(z.enum(SCHEDULE_CHANGE_ACTIONS)),
    respondBy: Instant.meta({
      description:
        'Without a response until then, a significant change cancels the booking and refunds it ' +
        'in full; any other is accepted.',
    }),
    actionTaken: z.enum(SCHEDULE_CHANGE_OUTCOMES).nullable(),
  })
  .meta({ id: 'BookingScheduleChange', description: 'What the airline did to the booking.' });

export const Booking = z
  .object({
    id: Id,
    reference: z.string().meta({
      description: 'Six characters that a person can read out.',
      example: '9L3AEC',
    }),
    status: BookingStatusName,
    cancellationReason: CancellationReasonName.nullable(),
    flight: BookedFlight.meta({
      id: 'BookedFlight',
      description: 'The first flight, as a booking shows it.',
    }),
    cabin: CabinName,
    slices: z
      .array(BookedSlice)
      .optional()
      .meta({
        description:
          'The way there, the way back, and so on. Left out only where the outcome of a key is ' +
          'repeated that was stored before there were itineraries.',
      }),
    passengers: z.array(
      z
        .object({
          id: Id.optional().meta({
            description: `Stays the same, whatever else of them changes. ${SINCE_PASSENGERS}`,
          }),
          givenName: z
            .string()
            .nullable()
            .meta({ description: 'Null for people with one name, which is the family name.' }),
          familyName: z.string(),
          type: PassengerTypeName,
          seatNumber: SeatNumber.nullable().meta({ description: 'On the first flight.' }),
          seats: z
            .array(z.object({ flightId: Id, seatNumber: SeatNumber }))
            .optional()
            .meta({ description: 'On each flight. Left out where `slices` is.' }),
          title: z.string().nullable().optional().meta({ description: OR_NULL }),
          bornOn: z.iso.date().nullable().optional().meta({ description: OR_NULL }),
          loyaltyNumber: z.string().nullable().optional().meta({ description: OR_NULL }),
        })
        .meta({ id: 'Passenger', description: 'Someone who flies.' }),
    ),
    price: Price,
    metadata: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: `As it was sent; empty where none was. ${SINCE_PASSENGERS}` }),
    paymentRequiredBy: Instant.nullable().meta({
      description: 'Until then the seats are held; null before there are any.',
    }),
    createdAt: Instant,
    payment: z
      .object({
        id: Id,
        status: PaymentStatusName,
        ...money,
        capturedAt: Instant.nullable(),
      })
      .meta({
        id: 'BookingPayment',
        description: 'The payment that pays for the booking, else the latest attempt.',
      })
      .nullable(),
    refund: z
      .object({ status: RefundStatusName, ...money })
      .meta({ id: 'BookingRefund', description: 'The refund of a cancelled booking.' })
      .nullable(),
    scheduleChange: ScheduleChangeOffer.nullable()
      .optional()
      .meta({
        description:
          'The latest one; null where there was none. Left out only where the outcome of a key is ' +
          'repeated that was stored before there were schedule changes.',
      }),
    availableActions: z
      .array(z.enum(BOOKING_ACTIONS))
      .meta({ description: 'What can be done with it now.' }),
    workflowId: z.string().meta({
      description: 'Names its workflow in Temporal, for services that speak to that.',
    }),
  })
  .meta({ id: 'Booking' }) satisfies z.ZodType<BookingOfDomain>;

export const BookingPage = page(Booking).meta({ id: 'BookingPage' });
