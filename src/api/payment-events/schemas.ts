import { z } from 'zod';
import { Amount, CurrencyCode, lineOfText } from '../schemas';

const MAX_NAME_LENGTH = 255;

export const PaymentEvent = z
  .strictObject({
    type: z.literal('payment.captured'),
    timestamp: z.iso.datetime({ offset: true }).optional(),
    data: z.strictObject({
      bookingId: z.uuid().toLowerCase(),
      amount: Amount,
      currency: CurrencyCode,
      provider: lineOfText(MAX_NAME_LENGTH),
      providerPaymentId: lineOfText(MAX_NAME_LENGTH),
    }),
  })
  .meta({ id: 'PaymentEvent' });
