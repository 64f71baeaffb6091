import { z } from 'zod';
import { Amount, CurrencyCode, GivenId, lineOfText } from '../schemas';

const MAX_NAME_LENGTH = 255;

/** The type of event that we act on; fields that we don't know are for others. */
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

/** Every event says of which type it is, also those that we don't know. */
const AnyEvent = z.object({ type: z.string() });

/**
 * Parses a verified event; undefined when it is of a type that we don't know, whatever else it
 * holds: senders may tell of more than they did when this was written.
 *
 * @throws ZodError when it has no type, or is of a known one and malformed.
 */
export function parsePaymentEvent(body: unknown): z.output<typeof PaymentEvent> | undefined {
  const { type } = AnyEvent.parse(body);
  return type === PaymentEvent.shape.type.value ? PaymentEvent.parse(body) : undefined;
}
