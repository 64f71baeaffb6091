import { z } from 'zod';
import { BOOKING_STATUSES } from '../../domain/booking';
import { PAYMENT_STATUSES, type Payment as PaymentOfDomain } from '../../domain/payment';
import { Amount, CurrencyCode, Instant } from '../schemas';

export const MakePaymentRequest = z
  .strictObject({
    bookingId: z.uuid().toLowerCase(),
    amount: Amount,
    currency: CurrencyCode,
    paymentMethod: z
      .string()
      .regex(/^[\x21-\x7e]{1,255}$/, '1 to 255 visible ASCII characters.')
      .meta({ example: 'pm_card_visa' }),
    userId: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .meta({ description: "When sent, it must be the caller's." }),
  })
  .meta({ id: 'MakePayment' });

export type MakePaymentRequest = z.infer<typeof MakePaymentRequest>;

export const Payment = z
  .object({
    id: z.uuid(),
    bookingId: z.uuid(),
    bookingStatus: z.enum(BOOKING_STATUSES),
    status: z.enum(PAYMENT_STATUSES),
    amount: z.int(),
    currency: CurrencyCode,
    capturedAt: Instant.nullable(),
    nextAction: z
      .discriminatedUnion('type', [
        z.object({ type: z.literal('redirect'), url: z.string() }),
        z.object({ type: z.literal('use_sdk'), clientSecret: z.string() }),
      ])
      .optional()
      .meta({ description: "What the customer's bank wants of them first, as 3-D Secure does." }),
  })
  .meta({ id: 'Payment' }) satisfies z.ZodType<PaymentOfDomain>;
