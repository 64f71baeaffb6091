import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject } from 'zod-openapi';
import { AirportList, AirportSearchQuery } from './airports/schemas';
import {
  BookingEvents,
  BookingListQuery,
  BookingPage,
  Booking,
  CancelBookingRequest,
  CancellationQuote,
  CreateBookingRequest,
} from './bookings/schemas';
import { Flight, FlightPage, FlightSearchQuery, SeatMap } from './flights/schemas';
import { PaymentEvent } from './payment-events/schemas';
import { BookingPayments, MakePaymentRequest, Payment } from './payments/schemas';
import { ProblemDocument, PROBLEMS, type ProblemCode } from './problem';
import { Health, HealthQuery, Info } from './system/routes';
import { VERSION } from './version';

/** The API's own description, made of the schemas that parse its requests. */
export function openApiDocument() {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Flight Bookings',
      version: VERSION,
      description:
        'Search flights, hold seats, pay. No seat is sold twice, and no retry charges twice: send an `x-idempotency-key` with every create and payment.\n\n' +
        'Every refusal is a problem document. Its `retry` says whether to send the request again: with the same key, with a new one, or not at all. ' +
        'Its `bookingId` is there wherever work may have begun or a booking may exist.\n\n' +
        'A path that exists answers other methods with 405 `method_not_allowed`, and names its own in `Allow`. What is no HTTP is answered 400 ' +
        '`malformed_request`, 408 `request_timeout` or 431 `headers_too_large`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'Flights', description: 'What is on sale.' },
      { name: 'Bookings', description: 'One purchase of 1 to 9 seats on one flight.' },
      {
        name: 'Payments',
        description: 'For services that take money for us; what they send is signed.',
      },
      { name: 'System', description: 'For those who run it.' },
    ],
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
    paths: {
      '/api/v1/info': { get: open('System', 'Health check', 'getInfo', ok(Info)) },
      '/livez': {
        get: open(
          'System',
          'The process is up',
          'getLiveness',
          ok(z.object({ status: z.literal('ok') })),
        ),
      },
      '/readyz': {
        get: {
          ...open('System', 'PostgreSQL and Temporal are reachable', 'getReadiness', {
            ...ok(Health),
            503: json('Not now.', Health),
          }),
          requestParams: { query: HealthQuery },
        },
      },
      '/api/v1/airports': {
        get: {
          ...open('Flights', 'Find airports', 'searchAirports', ok(AirportList), [
            'validation_failed',
            'service_unavailable',
          ]),
          requestParams: { query: AirportSearchQuery },
        },
      },
      '/api/v1/flights': {
        get: {
          ...open('Flights', 'Search flights', 'searchFlights', ok(FlightPage), [
            'validation_failed',
            'service_unavailable',
          ]),
          requestParams: { query: FlightSearchQuery },
        },
      },
      '/api/v1/flights/{id}': {
        get: {
          ...open('Flights', 'One flight', 'getFlight', ok(Flight), [
            'flight_not_found',
            'service_unavailable',
          ]),
          requestParams: { path: ById },
        },
      },
      '/api/v1/flights/{id}/seats': {
        get: {
          ...open('Flights', 'Seat map', 'getSeats', ok(SeatMap), [
            'flight_not_found',
            'service_unavailable',
          ]),
          requestParams: { path: ById },
        },
      },
      '/api/v1/bookings': {
        post: {
          ...secured(
            'Bookings',
            'Hold seats',
            'createBooking',
            {
              201: {
                ...json('Seats are held until `paymentRequiredBy`.', Booking),
                headers: CREATED_HEADERS,
              },
              202: {
                ...json('Accepted; no seats yet. Read it again.', Booking),
                headers: CREATED_HEADERS,
              },
            },
            [
              'validation_failed',
              'malformed_json',
              'idempotency_key_invalid',
              'flight_not_found',
              'seats_unavailable',
              'flight_closed',
              'payload_too_large',
              'unsupported_media_type',
              'idempotency_key_reused',
              'too_many_holds',
            ],
          ),
          requestParams: { header: OptionalKey },
          requestBody: body(CreateBookingRequest),
        },
        get: {
          ...secured('Bookings', 'List bookings, newest first', 'listBookings', ok(BookingPage), [
            'validation_failed',
          ]),
          requestParams: { query: BookingListQuery },
        },
      },
      '/api/v1/bookings/{id}': {
        get: {
          ...secured('Bookings', 'One booking', 'getBooking', ok(Booking), ['booking_not_found']),
          requestParams: { path: ById },
        },
      },
      '/api/v1/bookings/{id}/events': {
        get: {
          ...secured(
            'Bookings',
            'The history of a booking',
            'getBookingEvents',
            ok(BookingEvents),
            ['booking_not_found'],
          ),
          requestParams: { path: ById },
        },
      },
      '/api/v1/bookings/{id}/payments': {
        get: {
          ...secured(
            'Bookings',
            'Every payment of a booking, with what went back of it',
            'getBookingPayments',
            ok(BookingPayments),
            ['booking_not_found'],
          ),
          requestParams: { path: ById },
        },
      },
      '/api/v1/bookings/{id}/cancellation-quote': {
        get: {
          ...secured(
            'Bookings',
            'What a cancellation now would refund',
            'quoteCancellation',
            ok(CancellationQuote),
            ['booking_not_found', 'payment_in_progress', 'booking_not_cancellable'],
          ),
          requestParams: { path: ById },
        },
      },
      '/api/v1/bookings/{id}/cancel': {
        post: {
          ...secured('Bookings', 'Cancel a booking', 'cancelBooking', ok(Booking), [
            'validation_failed',
            'malformed_json',
            'booking_not_found',
            'payment_in_progress',
            'booking_not_cancellable',
            'quote_changed',
            'payload_too_large',
            'unsupported_media_type',
          ]),
          requestParams: { path: ById },
          requestBody: { ...body(CancelBookingRequest), required: false },
        },
      },
      '/api/v1/bookings/payments': {
        post: {
          ...secured(
            'Bookings',
            'Pay for a booking',
            'payBooking',
            {
              201: json('Captured; the booking is booked.', Payment),
              202: json('The provider takes its time. Ask again with the same key.', Payment),
            },
            [
              'validation_failed',
              'malformed_json',
              'idempotency_key_required',
              'idempotency_key_invalid',
              'payment_declined',
              'booking_not_found',
              'booking_not_payable',
              'payment_in_progress',
              'too_many_declines',
              'payload_too_large',
              'unsupported_media_type',
              'idempotency_key_reused',
              'amount_mismatch',
            ],
          ),
          requestParams: { header: RequiredKey },
          requestBody: body(MakePaymentRequest),
        },
      },
      '/api/v1/payment-events': {
        post: {
          ...open(
            'Payments',
            'Tell of a payment that another service has captured',
            'receivePaymentEvent',
            {
              202: {
                description:
                  'Accepted, whatever becomes of it. Unknown fields and types have no effect.',
              },
            },
            SIGNED_PROBLEMS,
          ),
          requestParams: { header: StandardWebhookHeaders },
          requestBody: body(PaymentEvent),
        },
      },
      '/api/v1/webhooks/stripe': {
        post: {
          ...open(
            'Payments',
            'Tell of a payment at Stripe',
            'receiveStripeEvent',
            ok(z.object({ received: z.literal(true) })),
            SIGNED_PROBLEMS,
          ),
          requestParams: { header: z.object({ 'stripe-signature': z.string() }) },
          requestBody: body(z.looseObject({ id: z.string(), type: z.string() })),
        },
      },
    },
  });
}

/** What may be wrong with a signed message, beside what may be wrong with any. */
const SIGNED_PROBLEMS = [
  'unauthenticated',
  'malformed_json',
  'validation_failed',
  'payload_too_large',
  'unsupported_media_type',
  'service_unavailable',
] as const;

const StandardWebhookHeaders = z.object({
  'webhook-id': z.string(),
  'webhook-timestamp': z.string(),
  'webhook-signature': z.string(),
});

const ById = z.object({ id: z.uuid() });

const Key = z
  .string()
  .min(1)
  .max(255)
  .meta({ description: 'Makes a retry safe. `Idempotency-Key` works, too.' });
const OptionalKey = z.object({ 'x-idempotency-key': Key.optional() });
const RequiredKey = z.object({ 'x-idempotency-key': Key });

const text = { type: 'string' as const };

const CREATED_HEADERS = {
  Location: { schema: text, description: 'Where the booking can be read.' },
};

/** On every answer of a route that is limited. */
const RATE_LIMIT_HEADERS = {
  RateLimit: {
    schema: text,
    description:
      'What is left of the minute, and the seconds until it ends: `"default";r=599;t=60`.',
  },
  'RateLimit-Policy': {
    schema: text,
    description: 'The requests that a caller may make in a minute: `"default";q=600;w=60`.',
  },
};

/** What else comes with a problem of this status. */
const PROBLEM_HEADERS: Partial<
  Record<number, Record<string, { schema: typeof text; description: string }>>
> = {
  401: { 'WWW-Authenticate': { schema: text, description: '`Bearer`' } },
  429: {
    'Retry-After': { schema: text, description: 'Seconds, where waiting that long can help.' },
    ...RATE_LIMIT_HEADERS,
  },
  503: { 'Retry-After': { schema: text, description: 'Seconds.' } },
};

type Responses = ZodOpenApiOperationObject['responses'];

function json(description: string, schema: z.ZodType) {
  return { description, content: { 'application/json': { schema } } };
}

function ok(schema: z.ZodType) {
  return { 200: json('OK', schema) };
}

function body(schema: z.ZodType) {
  return { required: true, content: { 'application/json': { schema } } };
}

/** Problems of one status share an entry, which names each of their codes. */
function problems(codes: readonly ProblemCode[]): Responses {
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code]))];
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      {
        description: codes
          .filter((code) => PROBLEMS[code] === status)
          .map((code) => `\`${code}\``)
          .join(', '),
        content: { 'application/problem+json': { schema: ProblemDocument } },
        ...(PROBLEM_HEADERS[status] === undefined ? {} : { headers: PROBLEM_HEADERS[status] }),
      },
    ]),
  );
}

type Tag = 'Flights' | 'Bookings' | 'Payments' | 'System';

/** An operation for anyone: its good answers, and the problems that are its own. */
function open(
  tag: Tag,
  summary: string,
  operationId: string,
  good: Responses,
  codes: readonly ProblemCode[] = [],
): ZodOpenApiOperationObject {
  const responses = { ...good, ...problems([...codes, 'rate_limited', 'internal']) };
  return { tags: [tag], summary, operationId, responses };
}

/** An operation for which a token is needed. */
function secured(
  tag: Tag,
  summary: string,
  operationId: string,
  good: Responses,
  codes: readonly ProblemCode[] = [],
): ZodOpenApiOperationObject {
  const operation = open(tag, summary, operationId, good, [
    ...codes,
    'unauthenticated',
    'forbidden',
    'service_unavailable',
  ]);
  return { ...operation, security: [{ bearer: [] }] };
}
