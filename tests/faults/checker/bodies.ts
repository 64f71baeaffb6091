import { z } from 'zod';
import type { Response } from '../history/format';

/**
 * What the checker reads of bodies: no more than it judges by, and written down here a second time
 * on purpose. A field that the product drops or renames is missed here, whatever its own schemas
 * say.
 */

const Money = z.object({ amount: z.int(), currency: z.string() });

export const Booking = z.object({
  id: z.string(),
  reference: z.string(),
  status: z.enum(['initiated', 'pending', 'booked', 'cancelled']),
  cancellationReason: z.string().nullable(),
  flight: z.object({ id: z.string() }),
  slices: z.array(
    z.object({
      segments: z.array(
        z.object({
          id: z.string(),
          status: z.string(),
          departureAt: z.iso.datetime(),
          arrivalAt: z.iso.datetime(),
        }),
      ),
    }),
  ),
  passengers: z.array(
    z.object({
      id: z.string(),
      givenName: z.string().nullable(),
      familyName: z.string(),
      seats: z.array(z.object({ flightId: z.string(), seatNumber: z.string() })),
    }),
  ),
  price: Money,
  metadata: z.record(z.string(), z.string()).optional(),
  paymentRequiredBy: z.iso.datetime().nullable(),
  payment: z
    .object({ id: z.string(), status: z.string(), amount: z.int(), currency: z.string() })
    .nullable(),
  refund: z.object({ status: z.string(), amount: z.int(), currency: z.string() }).nullable(),
  scheduleChange: z
    .object({ id: z.string(), actionTaken: z.string().nullable() })
    .nullable()
    .optional(),
});
export type Booking = z.infer<typeof Booking>;

export const Payment = z.object({
  id: z.string(),
  bookingId: z.string(),
  bookingStatus: z.string(),
  status: z.string(),
  amount: z.int(),
  currency: z.string(),
});
export type Payment = z.infer<typeof Payment>;

/** `GET /bookings/:id/payments`. */
export const Payments = z.object({
  data: z.array(
    Payment.extend({
      provider: z.string(),
      applied: z.boolean(),
      refunds: z.array(Money.extend({ status: z.string() })),
      refundedByProvider: z.int(),
    }),
  ),
});

/** `GET /bookings/:id/events`. */
export const Events = z.object({
  data: z.array(z.object({ type: z.string(), occurredAt: z.iso.datetime() })),
});

export const SeatMap = z.object({
  flightId: z.string(),
  seats: z.array(
    z.object({
      seatNumber: z.string(),
      cabin: z.string(),
      state: z.enum(['free', 'held', 'sold']),
    }),
  ),
});

export type SeatMap = z.infer<typeof SeatMap>;

/** `GET /bookings/:id/cancellation-quote`. */
export const CancellationQuote = z.object({ bookingId: z.string(), refund: Money });

export const ChangeQuote = z.object({
  id: z.string(),
  bookingId: z.string(),
  slices: z.array(z.object({ flightIds: z.array(z.string()) })),
  toPay: Money,
  toRefund: Money,
});
export type ChangeQuote = z.infer<typeof ChangeQuote>;

export const Change = z.object({
  id: z.string(),
  bookingId: z.string(),
  status: z.enum(['pending', 'completed', 'failed']),
  booking: Booking,
});
export type Change = z.infer<typeof Change>;

const Problem = z.object({ code: z.string(), bookingId: z.string().optional() });
export type Problem = z.infer<typeof Problem>;

export const WebhookEvent = z.object({
  id: z.string(),
  type: z.string(),
  createdAt: z.iso.datetime(),
  sequence: z.int().nullable(),
  data: z.object({ booking: z.unknown() }),
});
export type WebhookEvent = z.infer<typeof WebhookEvent>;

/** What a body is, read by one of these shapes; undefined when it is something else. */
export function read<T>(shape: z.ZodType<T>, text: string | undefined): T | undefined {
  if (text === undefined) return undefined;
  try {
    return shape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

export function problemOf(response: Response | undefined): Problem | undefined {
  return response !== undefined && response.status >= 400
    ? read(Problem, response.body)
    : undefined;
}

/**
 * Whether a response says for good that the request had no effect. A missing response, a 5xx and
 * what asks for another try leave it open.
 */
export function isRefused(response: Response | undefined): boolean {
  if (response === undefined || response.status < 400 || response.status >= 500) return false;
  const code = problemOf(response)?.code ?? '';
  return ![408, 429].includes(response.status) && !STILL_OPEN.includes(code);
}

/** Another request is at it, perhaps an earlier attempt of this very one. */
const STILL_OPEN = ['payment_in_progress', 'change_in_progress', 'erased'];
