import type { ZodOpenApiPathsObject } from 'zod-openapi';
import {
  Booking,
  BookingEvents,
  BookingListQuery,
  BookingPage,
  CancelBookingRequest,
  CancellationQuote,
  CreateBookingRequest,
  SearchBookingsRequest,
} from '../bookings/schemas';
import { BookingPayments } from '../payments/schemas';
import {
  ACCEPTED,
  BOOKED,
  BOOKING_ID,
  CANCELLED,
  CREATE_FOR_FAMILY,
  CREATE_FOR_TWO,
  CREATE_ROUND_TRIP,
  EVENTS,
  FLIGHT_ID,
  HELD,
  HELD_ROUND_TRIP,
  PAYMENTS,
  QUOTE,
  REFUNDED,
} from './examples';
import { LIMITED, type HeaderName } from './headers';
import { body, json, jsonLike, secured } from './operation';
import { BookingById, OptionalKey } from './parameters';

const ONE = `/api/v1/bookings/${BOOKING_ID}`;

const CREATED: HeaderName[] = ['Location', 'Idempotent-Replayed', ...LIMITED];

const PAGE = { data: [BOOKED], nextCursor: null };

/** Bookings, from hold to cancellation. A customer sees their own, an operator all. */
export const BOOKING_PATHS: ZodOpenApiPathsObject = {
  '/api/v1/bookings': {
    post: secured(
      {
        tag: 'Bookings',
        operationId: 'createBooking',
        scopes: ['bookings'],
        summary: 'Hold seats',
        description:
          'Takes seats off sale for the whole party, on all flights, or none, and responds once ' +
          'they are held. Flights of a slice connect: at one airport, with 45 minutes to 6 hours ' +
          'in between, within 24 hours. Slices follow one another in time. ' +
          'The price is ours, for all of them, and stays until `paymentRequiredBy`. ' +
          'Without a key a retry makes another booking.',
        instance: '/api/v1/bookings',
        good: {
          201: jsonLike(
            'Seats are held until `paymentRequiredBy`.',
            Booking,
            {
              flight: { summary: 'One flight', value: HELD },
              roundTrip: { summary: 'A round trip of three flights', value: HELD_ROUND_TRIP },
            },
            CREATED,
          ),
          202: json(
            'Accepted, and no seats yet: read it again, or send the same request again.',
            Booking,
            ACCEPTED,
            CREATED,
          ),
        },
        codes: [
          'validation_failed',
          'malformed_json',
          'idempotency_key_invalid',
          'flight_not_found',
          'seats_unavailable',
          'flight_closed',
          'erased',
          'payload_too_large',
          'unsupported_media_type',
          'idempotency_key_reused',
          'too_many_holds',
        ],
      },
      {
        requestParams: { header: OptionalKey },
        requestBody: body(CreateBookingRequest, {
          two: { summary: 'Two adults, any seats', value: CREATE_FOR_TWO },
          family: { summary: 'A chosen seat, and an infant on the lap', value: CREATE_FOR_FAMILY },
          roundTrip: {
            summary: 'There with a connection, and back, with a chosen seat on one flight',
            value: CREATE_ROUND_TRIP,
          },
        }),
      },
    ),
    get: secured(
      {
        tag: 'Bookings',
        operationId: 'listBookings',
        summary: 'List bookings, newest first',
        description:
          "Lists your own bookings, or everyone's for an operator. The next page is the same " +
          'request with its `nextCursor`.',
        instance: '/api/v1/bookings',
        good: { 200: json('A page of bookings.', BookingPage, PAGE, LIMITED) },
        codes: ['validation_failed'],
      },
      { requestParams: { query: BookingListQuery } },
    ),
  },
  '/api/v1/bookings/search': {
    post: secured(
      {
        tag: 'Bookings',
        operationId: 'searchBookings',
        scopes: ['operator'],
        summary: 'Find bookings, as an operator',
        description:
          'Lists the bookings that fit all criteria, newest first: at least one is needed. Names ' +
          'are found however their accents, case, hyphens and blanks are written, addresses in any ' +
          'case. Bookings whose personal data are erased are found by their reference alone, or by ' +
          'one of several flights. The next page is the same request with its `nextCursor`.',
        instance: '/api/v1/bookings/search',
        good: { 200: json('A page of bookings.', BookingPage, PAGE, LIMITED) },
        codes: [
          'validation_failed',
          'malformed_json',
          'payload_too_large',
          'unsupported_media_type',
        ],
      },
      {
        requestBody: body(SearchBookingsRequest, {
          name: {
            summary: 'By name and flight',
            value: { familyName: 'Lovelace', flightId: FLIGHT_ID },
          },
          address: { summary: 'By address', value: { contactEmail: 'ada@example.com' } },
        }),
      },
    ),
  },
  '/api/v1/bookings/{id}': {
    get: secured(
      {
        tag: 'Bookings',
        operationId: 'getBooking',
        summary: 'One booking',
        description: "Reads a booking as it is now. Someone else's is as one that isn't there.",
        instance: ONE,
        good: { 200: json('The booking.', Booking, BOOKED, LIMITED) },
        codes: ['booking_not_found'],
      },
      { requestParams: { path: BookingById } },
    ),
  },
  '/api/v1/bookings/{id}/events': {
    get: secured(
      {
        tag: 'Bookings',
        operationId: 'getBookingEvents',
        summary: 'The history of a booking',
        description:
          'Lists what has happened to a booking, oldest first. Operators see also `by` and `note`.',
        instance: `${ONE}/events`,
        good: { 200: json('What has happened.', BookingEvents, EVENTS, LIMITED) },
        codes: ['booking_not_found'],
      },
      { requestParams: { path: BookingById } },
    ),
  },
  '/api/v1/bookings/{id}/payments': {
    get: secured(
      {
        tag: 'Bookings',
        operationId: 'getBookingPayments',
        summary: 'Every payment of a booking, with its refunds',
        description:
          'Lists all payments, oldest first: declined ones, the one that pays for the booking ' +
          '(`applied`), and money that came too late or twice, with its refunds.',
        instance: `${ONE}/payments`,
        good: { 200: json('The payments.', BookingPayments, PAYMENTS, LIMITED) },
        codes: ['booking_not_found'],
      },
      { requestParams: { path: BookingById } },
    ),
  },
  '/api/v1/bookings/{id}/cancellation-quote': {
    get: secured(
      {
        tag: 'Bookings',
        operationId: 'quoteCancellation',
        summary: 'What a cancellation now would refund',
        description:
          'Returns what would be refunded, and changes nothing. Send its `refund` as the ' +
          "cancellation's `expectedRefund` to be sure of it.",
        instance: `${ONE}/cancellation-quote`,
        good: { 200: json('The quote.', CancellationQuote, QUOTE, LIMITED) },
        codes: ['booking_not_found', 'payment_in_progress', 'booking_not_cancellable'],
      },
      { requestParams: { path: BookingById } },
    ),
  },
  '/api/v1/bookings/{id}/cancel': {
    post: secured(
      {
        tag: 'Bookings',
        operationId: 'cancelBooking',
        summary: 'Cancel a booking',
        description:
          "Frees the seats at once; what was paid is refunded by the fare's conditions. " +
          'Needs no key: one that is cancelled already is returned as it is.',
        instance: `${ONE}/cancel`,
        good: { 200: json('The cancelled booking.', Booking, CANCELLED, LIMITED) },
        codes: [
          'validation_failed',
          'malformed_json',
          'booking_not_found',
          'payment_in_progress',
          'change_in_progress',
          'booking_not_cancellable',
          'quote_changed',
          'payload_too_large',
          'unsupported_media_type',
        ],
      },
      {
        requestParams: { path: BookingById },
        requestBody: {
          ...body(CancelBookingRequest, {
            reason: { summary: 'With a reason', value: { reason: 'Changed plans' } },
            quoted: {
              summary: 'Only if this amount is refunded',
              value: { reason: 'Changed plans', expectedRefund: REFUNDED },
            },
          }),
          required: false,
        },
      },
    ),
  },
};
