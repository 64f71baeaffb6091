import { z } from 'zod';
import {
  CHANGE_FAILURES,
  CHANGE_STATUSES,
  type Change as ChangeOfDomain,
  type ChangeQuote as ChangeQuoteOfDomain,
} from '../../domain/changes/change';
import { MAX_SLICES } from '../../domain/itinerary';
import { MAX_CONNECTIONS } from '../../domain/slice';
import { Booking } from '../bookings/schemas';
import { Payment } from '../payments/schemas';
import { CurrencyCode, GivenId, Id, Instant, MinorUnits, Money } from '../schemas';
import { RefundStatusName } from '../statuses';

export const ChangeQuoteRequest = z
  .strictObject({
    slices: z
      .array(
        z.strictObject({
          replaces: z
            .int()
            .min(0)
            .max(MAX_SLICES - 1)
            .meta({ description: 'Which slice of the booking is exchanged, counted from 0.' }),
          flightIds: z
            .array(GivenId)
            .min(1)
            .max(MAX_CONNECTIONS + 1)
            .meta({ description: 'Its flights then, in the order in which they are flown.' }),
        }),
      )
      .min(1)
      .max(MAX_SLICES)
      .meta({ description: 'Slices that are not named stay as they are.' }),
  })
  .meta({ id: 'CreateChangeQuote' });

export const ChangeQuote = z
  .object({
    id: Id,
    bookingId: Id,
    expiresAt: Instant,
    slices: z.array(z.object({ replaces: z.int(), flightIds: z.array(Id) })),
    newTotal: Money.meta({ description: 'What the booking costs once it is changed.' }),
    fee: Money.meta({ description: 'What the change costs beside that.' }),
    difference: z
      .object({ amount: z.int(), currency: CurrencyCode })
      .meta({ description: 'Of the fares; negative where the new ones are lower.' }),
    toPay: Money,
    toRefund: Money,
  })
  .meta({
    id: 'ChangeQuote',
    description:
      'What a change would cost, agreed until it expires. It holds no seats. ' +
      '`toPay − toRefund = difference + fee`, and one of both is zero.',
  }) satisfies z.ZodType<ChangeQuoteOfDomain>;

export const ChangeRequest = z
  .strictObject({
    quoteId: GivenId,
    paymentMethod: z
      .string()
      .regex(/^[\x21-\x7e]{1,255}$/, '1 to 255 visible ASCII characters.')
      .optional()
      .meta({
        description: 'Required where the quote has something to pay.',
        example: 'pm_card_visa',
      }),
  })
  .meta({ id: 'CreateChange' });

export type ChangeRequest = z.infer<typeof ChangeRequest>;

export const Change = z
  .object({
    id: Id,
    bookingId: Id,
    status: z.enum(CHANGE_STATUSES).meta({
      description:
        '`pending`: seats are held beside the present ones, and the money is being taken. ' +
        '`completed`. `failed`: the booking is as before, and nothing is taken.',
    }),
    booking: Booking,
    payment: Payment.nullable(),
    refund: z
      .object({ status: RefundStatusName, amount: MinorUnits, currency: CurrencyCode })
      .nullable(),
    failure: z.enum(CHANGE_FAILURES).nullable(),
  })
  .meta({
    id: 'Change',
    description: 'A change of a booking.',
  }) satisfies z.ZodType<ChangeOfDomain>;
