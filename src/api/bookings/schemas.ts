import { z } from 'zod';
import {
  BOOKING_ACTIONS,
  BOOKING_STATUSES,
  CANCELLATION_REASONS,
  REFUND_STATUSES,
  type Booking as BookingOfDomain,
} from '../../domain/booking';
import { ACTOR_KINDS, BOOKING_EVENT_TYPES } from '../../domain/booking-event';
import { findPartyFaults, type PassengerRequest as DomainPassenger } from '../../domain/passenger';
import { PAYMENT_STATUSES } from '../../domain/payment';
import {
  Airport,
  Amount,
  CabinName,
  CurrencyCode,
  Cursor,
  Instant,
  lineOfText,
  Money,
  page,
  PageLimit,
  PassengerTypeName,
  SeatNumber,
} from '../schemas';
import { EmailAddress, GivenName, PersonName } from './people';

/** Nine seated and an infant on each lap. */
const MAX_PARTY = 18;

const PassengerRequest = z.strictObject({
  givenName: GivenName,
  familyName: PersonName,
  type: PassengerTypeName.default('adult'),
  seatNumber: SeatNumber.optional(),
});

/** The same passenger, without the fields that were left out. */
export function toPassenger({
  givenName,
  familyName,
  type,
  seatNumber,
}: z.infer<typeof PassengerRequest>): DomainPassenger {
  return {
    ...(givenName === undefined ? {} : { givenName }),
    familyName,
    type,
    ...(seatNumber === undefined ? {} : { seatNumber }),
  };
}

// The price is looked up, never sent by the client.
export const CreateBookingRequest = z
  .strictObject({
    flightId: z.uuid().toLowerCase(),
    cabin: CabinName.default('economy'),
    passengers: z.array(PassengerRequest).min(1).max(MAX_PARTY),
    contact: z.strictObject({ email: EmailAddress }).optional(),
  })
  .superRefine(({ passengers }, context) => {
    for (const { passenger, detail } of findPartyFaults(passengers.map(toPassenger))) {
      const path = passenger === undefined ? ['passengers'] : ['passengers', passenger];
      context.addIssue({ code: 'custom', message: detail, path });
    }
  })
  .meta({ id: 'CreateBooking' });

export type CreateBookingRequest = z.infer<typeof CreateBookingRequest>;

export const CancelBookingRequest = z
  .strictObject({
    reason: lineOfText(200).optional().meta({ description: "Why; the booking's owner reads it." }),
    note: lineOfText(200)
      .optional()
      .meta({ description: 'For operators alone, to write and to read.' }),
    expectedRefund: z
      .strictObject({ amount: Amount.or(z.literal(0)), currency: CurrencyCode })
      .optional()
      .meta({ description: 'Where anything else would go back, nothing is cancelled.' }),
  })
  .meta({ id: 'CancelBooking' });

export const CancellationQuote = z
  .object({ bookingId: z.uuid(), refund: Money, fee: Money })
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

export const BookingListQuery = z.strictObject({
  status: z.enum(BOOKING_STATUSES).optional(),
  reference: z
    .string()
    .regex(/^[A-HJ-NP-Za-hj-np-z2-9]{6}$/, 'Six characters, without 0, O, 1 and I.')
    .toUpperCase()
    .optional()
    .meta({ description: 'In capital or small letters.', example: '9L3AEC' }),
  limit: PageLimit,
  cursor: Cursor.optional(),
});

const Price = z
  .object({
    amount: z.int(),
    currency: CurrencyCode,
    breakdown: z.object({ base: z.int(), taxes: z.int(), fees: z.int() }),
  })
  .meta({ id: 'Price' });

const money = { amount: z.int(), currency: CurrencyCode };

export const Booking = z
  .object({
    id: z.uuid(),
    reference: z.string(),
    status: z.enum(BOOKING_STATUSES),
    cancellationReason: z.enum(CANCELLATION_REASONS).nullable(),
    flight: z.object({
      id: z.uuid(),
      flightNumber: z.string(),
      origin: Airport,
      destination: Airport,
      departureAt: Instant,
      arrivalAt: Instant,
    }),
    cabin: CabinName,
    passengers: z.array(
      z.object({
        givenName: z
          .string()
          .nullable()
          .meta({ description: 'Null for people with one name, which is the family name.' }),
        familyName: z.string(),
        type: PassengerTypeName,
        seatNumber: SeatNumber.nullable(),
      }),
    ),
    price: Price,
    paymentRequiredBy: Instant.nullable(),
    createdAt: Instant,
    payment: z
      .object({
        id: z.uuid(),
        status: z.enum(PAYMENT_STATUSES),
        ...money,
        capturedAt: Instant.nullable(),
      })
      .nullable(),
    refund: z.object({ status: z.enum(REFUND_STATUSES), ...money }).nullable(),
    availableActions: z.array(z.enum(BOOKING_ACTIONS)),
    workflowId: z.string(),
  })
  .meta({ id: 'Booking' }) satisfies z.ZodType<BookingOfDomain>;

export const BookingPage = page(Booking).meta({ id: 'BookingPage' });
