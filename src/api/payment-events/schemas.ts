import { z } from 'zod';
import { Amount, CurrencyCode, GivenId, lineOfText } from '../schemas';

const MAX_NAME_LENGTH = 255;

/** The type of event that we handle. Fields that we don't know are ignored. */
export const PaymentEvent = z
  .object({
    type: z.literal('payment.captured'),
    timestamp: z.iso.datetime({ offset: true }).optional(),
    data: z.object({
      bookingId: GivenId,
      amount: Amount,
      currency: CurrencyCode,
      provider: lineOfText(MAX_NAME_LENGTH),
      providerPaymentId: lineOfText(MAX_NAME_LENGTH),
    }),
  })
  .meta({ id: 'PaymentEvent' });

/** Every event names its type, even one that we don't know. */
const AnyEvent = z.object({ type: z.string() });

/**
 * Parses a verified event. Returns undefined for an unknown type, whatever its fields: senders may
 * add types later.
 *
 * @throws ZodError when it has no type, or is of a known type and malformed.
 */
export function parsePaymentEvent(body: unknown): z.output<typeof PaymentEvent> | undefined {
  const { type } = AnyEvent.parse(body);
  return type === PaymentEvent.shape.type.value ? PaymentEvent.parse(body) : undefined;
}
