import type { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import {
  FlightLoadPage,
  FlightLoadQuery,
  NeedsAPerson,
  PaymentRetried,
  RefundActionRequest,
  RefundStanding,
  RetryPaymentRequest,
  Timeline,
} from '../operations/schemas';
import { BOOKING_ID, FLIGHT_ID, PAYMENT_ID, REFUND_ID } from './examples';
import { LIMITED } from './headers';
import { body, json, secured } from './operation';
import { BookingById } from './parameters';

const TIMELINE: z.input<typeof Timeline> = {
  bookingId: BOOKING_ID,
  entries: [
    {
      at: '2026-11-26T10:15:00.000Z',
      kind: 'booking',
      title: 'Seats held',
      detail: null,
      by: 'user-1',
    },
    {
      at: '2026-11-26T10:15:02.000Z',
      kind: 'mail',
      title: 'Mail “held”: sent',
      detail: '1 attempt',
      by: null,
    },
  ],
  isComplete: true,
};

const LOAD = { capacity: 180, sold: 131, held: 4, free: 45 };

const { date } = FlightLoadQuery.shape;

const LoadsOfDay = FlightLoadQuery.extend({
  date: date.meta({ ...date.meta(), param: { example: '2026-12-03' } }),
});

const LOADS: z.input<typeof FlightLoadPage> = {
  data: [
    {
      id: FLIGHT_ID,
      flightNumber: 'UA1545',
      origin: 'EWR',
      destination: 'SFO',
      departureAt: '2026-12-03T13:30:00.000Z',
      arrivalAt: '2026-12-03T19:52:00.000Z',
      status: 'scheduled',
      aircraft: { model: '737-824' },
      seats: LOAD,
      cabins: [{ cabin: 'economy', ...LOAD }],
      scheduleChanges: [],
    },
  ],
  nextCursor: null,
};

const STUCK: z.input<typeof NeedsAPerson> = {
  checkedAt: '2026-11-26T10:15:00.000Z',
  data: [
    {
      kind: 'refund_needs_operator',
      what: '9L3AEC',
      bookingId: BOOKING_ID,
      paymentId: PAYMENT_ID,
      refundId: REFUND_ID,
      workflowId: `refund-${PAYMENT_ID}`,
      since: '2026-11-26T09:02:11.000Z',
      reason: '120.00 USD of acme-pay (ap_1): late',
      todo: 'Have it refunded there, then settle it.',
      actions: ['retry-refund', 'settle-refund'],
      workflowUrl: `https://temporal.example/namespaces/default/workflows/refund-${PAYMENT_ID}`,
    },
  ],
};

const ACTION_CODES = [
  'validation_failed',
  'malformed_json',
  'booking_not_found',
  'operation_not_possible',
  'payload_too_large',
  'unsupported_media_type',
] as const;

const SETTLED: z.input<typeof RefundStanding> = {
  paymentId: PAYMENT_ID,
  refundId: REFUND_ID,
  amount: 12_000,
  currency: 'USD',
  status: 'succeeded',
  whyOperator: null,
};

const REFUND_ACTION = {
  refund: {
    summary: 'One refund',
    value: { paymentId: PAYMENT_ID, note: 'returned by bank, SEPA 4711' },
  },
};

/** What operators see and do. */
export const OPERATION_PATHS: ZodOpenApiPathsObject = {
  '/api/v1/bookings/{id}/timeline': {
    get: secured(
      {
        tag: 'Operations',
        operationId: 'getTimeline',
        scopes: ['operator'],
        summary: 'All that is on record about a booking',
        description:
          'For operators. Joins events, payments, refunds, postings, changes, schedule changes, ' +
          'webhook deliveries and mails into one list, the oldest first; at most the newest 500. ' +
          'It names no passenger and no address.',
        instance: `/api/v1/bookings/${BOOKING_ID}/timeline`,
        good: { 200: json('The timeline.', Timeline, TIMELINE, LIMITED) },
        codes: ['booking_not_found'],
      },
      { requestParams: { path: BookingById } },
    ),
  },
  '/api/v1/operations/flights': {
    get: secured(
      {
        tag: 'Operations',
        operationId: 'listFlightLoads',
        scopes: ['operator'],
        summary: 'Flights of a day, and how full they are',
        description:
          'For operators. Lists the flights of one day, local at the origin, by departure, with ' +
          'their seats and what the airline did to them. Those that have left are among them.',
        instance: '/api/v1/operations/flights',
        good: { 200: json('A page of flights.', FlightLoadPage, LOADS, LIMITED) },
        codes: ['validation_failed'],
      },
      { requestParams: { query: LoadsOfDay } },
    ),
  },
  '/api/v1/operations/needs-a-person': {
    get: secured({
      tag: 'Operations',
      operationId: 'listNeedsAPerson',
      scopes: ['operator'],
      summary: 'What makes no progress without a person',
      description:
        'For operators. Lists what should have made progress by now and has not, with what to do ' +
        'about it. It is at most ten seconds old.',
      instance: '/api/v1/operations/needs-a-person',
      good: { 200: json('The cases; none is good news.', NeedsAPerson, STUCK, LIMITED) },
    }),
  },
  '/api/v1/bookings/{id}/operations/retry-payment': {
    post: secured(
      {
        tag: 'Operations',
        operationId: 'retryPayment',
        scopes: ['operator'],
        summary: 'Ask the provider about a payment now',
        description:
          'For operators. Has the provider asked at once about the card payment that is being made, ' +
          'instead of at the next automatic retry. Your ID and the note are kept.',
        instance: `/api/v1/bookings/${BOOKING_ID}/operations/retry-payment`,
        good: {
          200: json(
            'The provider is asked.',
            PaymentRetried,
            { bookingId: BOOKING_ID, status: 'pending', isUnderWay: true },
            LIMITED,
          ),
        },
        codes: ACTION_CODES,
      },
      {
        requestParams: { path: BookingById },
        requestBody: body(RetryPaymentRequest, {
          retry: { summary: 'Again', value: { note: 'the provider is back' } },
        }),
      },
    ),
  },
  '/api/v1/bookings/{id}/operations/retry-refund': {
    post: secured(
      {
        tag: 'Operations',
        operationId: 'retryRefund',
        scopes: ['operator'],
        summary: 'Ask the provider for a refund now',
        description:
          'For operators. Has the provider asked at once for an open refund of a payment. Your ID ' +
          'and the note are kept. While several refunds of the payment are open, name one.',
        instance: `/api/v1/bookings/${BOOKING_ID}/operations/retry-refund`,
        good: { 200: json('How the refund stands.', RefundStanding, SETTLED, LIMITED) },
        codes: ACTION_CODES,
      },
      {
        requestParams: { path: BookingById },
        requestBody: body(RefundActionRequest, REFUND_ACTION),
      },
    ),
  },
  '/api/v1/bookings/{id}/operations/settle-refund': {
    post: secured(
      {
        tag: 'Operations',
        operationId: 'settleRefund',
        scopes: ['operator'],
        summary: 'Close a refund that was made by hand',
        description:
          'For operators. Says that the money of an open refund was returned outside this system. ' +
          'It is posted once. Your ID and the note are kept. While several refunds of the payment ' +
          'are open, name one.',
        instance: `/api/v1/bookings/${BOOKING_ID}/operations/settle-refund`,
        good: { 200: json('How the refund stands.', RefundStanding, SETTLED, LIMITED) },
        codes: ACTION_CODES,
      },
      {
        requestParams: { path: BookingById },
        requestBody: body(RefundActionRequest, REFUND_ACTION),
      },
    ),
  },
};
