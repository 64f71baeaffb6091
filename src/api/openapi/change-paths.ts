import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { Change, ChangeQuote, ChangeQuoteRequest, ChangeRequest } from '../changes/schemas';
import { GivenId } from '../schemas';
import { CHANGE, CHANGE_ID, CHANGE_QUOTE, COMPLETED, EXCHANGE, PENDING } from './change-examples';
import { BOOKING_ID } from './examples';
import { LIMITED } from './headers';
import { body, json, secured } from './operation';
import { BookingById, RequiredKey } from './parameters';

const ONE = `/api/v1/bookings/${BOOKING_ID}`;

const ChangeById = BookingById.extend({
  changeId: GivenId.meta({ description: 'Of the change.', param: { example: CHANGE_ID } }),
});

const BODY_PROBLEMS = [
  'validation_failed',
  'malformed_json',
  'payload_too_large',
  'unsupported_media_type',
] as const;

const NOT_CHANGEABLE = [
  'booking_not_found',
  'flight_not_found',
  'booking_not_changeable',
  'change_in_progress',
  'seats_unavailable',
  'flight_closed',
] as const;

/** Changes of booked bookings, by a quote. */
export const CHANGE_PATHS: ZodOpenApiPathsObject = {
  '/api/v1/bookings/{id}/change-quotes': {
    post: secured(
      {
        tag: 'Bookings',
        operationId: 'quoteChange',
        summary: 'What a change would cost',
        description:
          'Prices other flights for slices of a booked booking, until `expiresAt`: 15 minutes, or ' +
          'when sales close. Holds no seats. Flights that stay keep their price.',
        instance: `${ONE}/change-quotes`,
        good: { 201: json('The quote.', ChangeQuote, CHANGE_QUOTE, LIMITED) },
        codes: [...BODY_PROBLEMS, ...NOT_CHANGEABLE],
      },
      {
        requestParams: { path: BookingById },
        requestBody: body(ChangeQuoteRequest, {
          later: { summary: 'Another flight for the only slice', value: EXCHANGE },
        }),
      },
    ),
  },
  '/api/v1/bookings/{id}/changes': {
    post: secured(
      {
        tag: 'Bookings',
        operationId: 'changeBooking',
        summary: 'Change flights of a booking',
        description:
          'Holds the new seats beside the present ones, charges what is to be paid, and exchanges ' +
          'them. What goes back is refunded to the cards that paid, the last one first. If it ' +
          'fails, the booking is as before and nothing is taken. ' +
          'With 3-D Secure the response is 202, and its `payment` has a `nextAction`.',
        instance: `${ONE}/changes`,
        good: {
          201: json('The booking is changed.', Change, COMPLETED, [
            'Idempotent-Replayed',
            ...LIMITED,
          ]),
          202: json(
            'Not decided yet. The same request with the same key gets the outcome.',
            Change,
            PENDING,
            ['Location', ...LIMITED],
          ),
        },
        codes: [
          ...BODY_PROBLEMS,
          ...NOT_CHANGEABLE,
          'idempotency_key_required',
          'idempotency_key_invalid',
          'payment_declined',
          'quote_not_found',
          'quote_expired',
          'payment_in_progress',
          'idempotency_key_reused',
        ],
      },
      {
        requestParams: { path: BookingById, header: RequiredKey },
        requestBody: body(ChangeRequest, {
          paid: { summary: 'By a card that works', value: CHANGE },
        }),
      },
    ),
  },
  '/api/v1/bookings/{id}/changes/{changeId}': {
    get: secured(
      {
        tag: 'Bookings',
        operationId: 'getChange',
        summary: 'One change of a booking',
        description: 'Reads a change, and the booking, as they are now.',
        instance: `${ONE}/changes/${CHANGE_ID}`,
        good: { 200: json('The change.', Change, COMPLETED, LIMITED) },
        codes: ['booking_not_found', 'change_not_found'],
      },
      { requestParams: { path: ChangeById } },
    ),
  },
};
