import { z } from 'zod';
import type { PaymentWithRefunds as PaymentWithRefundsOfBooks } from '../../db/payments/booking-payments-view';
import { DISPUTE_STATUSES, type Payment as PaymentOfDomain } from '../../domain/payment';
import { Amount, CurrencyCode, GivenId, Id, Instant, MinorUnits } from '../schemas';
import { BookingStatusName, PaymentStatusName, RefundStatusName } from '../statuses';

export const MakePaymentRequest = z
  .strictObject({
    bookingId: GivenId,
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

const Dispute = z
  .object({ status: z.enum(DISPUTE_STATUSES), amount: MinorUnits, currency: CurrencyCode })
  .meta({ id: 'Dispute', description: "The payer's bank takes the payment back, or wants to." });

const DeclineCode = z.string().meta({
  id: 'DeclineCode',
  description:
    "The provider's own word for why it declined, such as `generic_decline` or " +
    '`insufficient_funds`. `payment_voided`: the booking could not wait for it any longer. ' +
    '`provider_rejected`: the provider refuses the request itself, whatever the card.',
  example: 'insufficient_funds',
});

export const Payment = z
  .object({
    id: Id,
    bookingId: Id,
    bookingStatus: BookingStatusName,
    status: PaymentStatusName,
    amount: MinorUnits,
    currency: CurrencyCode,
    capturedAt: Instant.nullable(),
    declineCode: DeclineCode.nullable().optional().meta({
      description:
        'Why it was declined; else null. Absent in responses from before the field existed.',
    }),
    dispute: Dispute.nullable()
      .optional()
      .meta({ description: 'Absent in responses from before the field existed.' }),
    nextAction: z
      .discriminatedUnion('type', [
        z.object({ type: z.literal('redirect'), url: z.string() }),
        z.object({ type: z.literal('use_sdk'), clientSecret: z.string() }),
      ])
      .optional()
      .meta({ description: "What the customer's bank wants of them first, as 3-D Secure does." }),
  })
  .meta({ id: 'Payment' }) satisfies z.ZodType<PaymentOfDomain>;

const PaymentRefund = z
  .object({
    id: Id,
    status: RefundStatusName,
    amount: MinorUnits,
    currency: CurrencyCode,
    createdAt: Instant,
  })
  .meta({ id: 'PaymentRefund' });

const PaymentWithRefunds = Payment.extend({
  provider: z.string().meta({ description: 'The provider that captured the payment.' }),
  applied: z
    .boolean()
    .meta({ description: 'It pays for the booking; other captures are refunded.' }),
  createdAt: Instant,
  declineCode: DeclineCode.nullable(),
  dispute: Dispute.nullable(),
  refunds: z.array(PaymentRefund),
  refundedByProvider: MinorUnits.meta({
    description: 'What the provider refunded directly, in addition to the refunds; minor unit.',
  }),
}).meta({ id: 'PaymentWithRefunds' }) satisfies z.ZodType<PaymentWithRefundsOfBooks>;

export const BookingPayments = z
  .object({ data: z.array(PaymentWithRefunds) })
  .meta({ id: 'BookingPayments' });
