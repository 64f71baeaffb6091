import type { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { FlightLoadPage, FlightLoadQuery, Timeline } from '../operations/schemas';
import { BOOKING_ID, FLIGHT_ID } from './examples';
import { LIMITED } from './headers';
import { json, secured } from './operation';
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

/** What operators see and do. */
export const OPERATION_PATHS: ZodOpenApiPathsObject = {
  '/api/v1/bookings/{id}/timeline': {
    get: secured(
      {
        tag: 'Operations',
        operationId: 'getTimeline',
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
        summary: 'Flights of a day, and how full they are',
        description:
          'For operators. Lists the flights of one day, local at the origin, by departure, with ' +
          'their seats and what the airline did to them. Those that have left are among them.',
        instance: '/api/v1/operations/flights',
        good: { 200: json('A page of flights.', FlightLoadPage, LOADS, LIMITED) },
        codes: ['validation_failed'],
      },
      { requestParams: { query: FlightLoadQuery } },
    ),
  },
};
