import type { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { AcceptScheduleChangeRequest, Booking } from '../bookings/schemas';
import { PassengerList, ScheduleChange, ScheduleChangeRequest } from '../schedule-changes/schemas';
import { BOOKED, BOOKING_ID, FLIGHT_ID, SCHEDULE_CHANGE_ID } from './examples';
import { LIMITED } from './headers';
import { body, json, secured } from './operation';
import { BookingById, FlightById, RequiredKey, ScheduleChangeById } from './parameters';

const CHANGE = {
  id: SCHEDULE_CHANGE_ID,
  flightId: FLIGHT_ID,
  kind: 'cancelled',
  status: 'telling',
  affected: 132,
  settled: 0,
  waiting: 0,
  failed: 0,
} as const;

const PASSENGERS: z.input<typeof PassengerList> = {
  flightId: FLIGHT_ID,
  passengers: [
    {
      seatNumber: '12A',
      cabin: 'economy',
      givenName: 'Ada',
      familyName: 'Lovelace',
      type: 'adult',
      bookingId: BOOKING_ID,
      reference: '9L3AEC',
    },
  ],
};

/** What the airline does to its flights, and what customers can do about it. */
export const SCHEDULE_CHANGE_PATHS: ZodOpenApiPathsObject = {
  '/api/v1/flights/{id}/schedule-changes': {
    post: secured(
      {
        tag: 'Flights',
        operationId: 'changeSchedule',
        scopes: ['operator'],
        summary: 'Cancel or move a flight',
        description:
          'For operators. Takes the flight off sale, or moves it, and tells every booking with a ' +
          'seat on it. Unpaid ones end. Owners of paid ones get an offer: see `scheduleChange` of ' +
          'a booking. A retry needs the same key.',
        instance: `/api/v1/flights/${FLIGHT_ID}/schedule-changes`,
        good: {
          202: json('The flight is changed; bookings are being told.', ScheduleChange, CHANGE, [
            'Location',
            'Idempotent-Replayed',
            ...LIMITED,
          ]),
        },
        codes: [
          'validation_failed',
          'malformed_json',
          'idempotency_key_required',
          'idempotency_key_invalid',
          'flight_not_found',
          'flight_departed',
          'schedule_change_closed',
          'payload_too_large',
          'unsupported_media_type',
          'idempotency_key_reused',
        ],
      },
      {
        requestParams: { path: FlightById, header: RequiredKey },
        requestBody: body(ScheduleChangeRequest, {
          cancelled: {
            summary: 'Cancel it',
            value: { kind: 'cancelled', reason: 'The aircraft needs a repair.' },
          },
          moved: {
            summary: 'Move it',
            value: {
              kind: 'moved',
              departureAt: '2026-12-03T15:30:00.000Z',
              arrivalAt: '2026-12-03T21:52:00.000Z',
              reason: 'The inbound aircraft is late.',
            },
          },
        }),
      },
    ),
  },
  '/api/v1/flights/{id}/passengers': {
    get: secured(
      {
        tag: 'Flights',
        operationId: 'getPassengers',
        scopes: ['operator'],
        summary: 'The passenger list',
        description: 'For operators. Lists who is booked on a flight, by seat; infants at the end.',
        instance: `/api/v1/flights/${FLIGHT_ID}/passengers`,
        good: { 200: json('The passengers.', PassengerList, PASSENGERS, LIMITED) },
        codes: ['flight_not_found'],
      },
      { requestParams: { path: FlightById } },
    ),
  },
  '/api/v1/schedule-changes/{id}': {
    get: secured(
      {
        tag: 'Flights',
        operationId: 'getScheduleChange',
        scopes: ['operator'],
        summary: 'How far a schedule change is',
        description: 'For operators. Counts the bookings that it affects, by what became of them.',
        instance: `/api/v1/schedule-changes/${SCHEDULE_CHANGE_ID}`,
        good: { 200: json('The schedule change.', ScheduleChange, CHANGE, LIMITED) },
        codes: ['schedule_change_not_found'],
      },
      { requestParams: { path: ScheduleChangeById } },
    ),
  },
  '/api/v1/bookings/{id}/schedule-change/accept': {
    post: secured(
      {
        tag: 'Bookings',
        operationId: 'acceptScheduleChange',
        summary: 'Accept the new times',
        description:
          'Keeps the booking with the new times of its flights: say which, since the airline may move ' +
          'them once more before this arrives. To refuse them, cancel: while a ' +
          'significant change is not responded to, all of it is refunded.',
        instance: `/api/v1/bookings/${BOOKING_ID}/schedule-change/accept`,
        good: { 200: json('The booking, as it is now.', Booking, BOOKED, LIMITED) },
        codes: [
          'validation_failed',
          'malformed_json',
          'booking_not_found',
          'schedule_change_not_found',
          'schedule_change_closed',
        ],
      },
      {
        requestParams: { path: BookingById },
        requestBody: {
          ...body(AcceptScheduleChangeRequest, {
            seen: {
              summary: 'Only these times, and no later ones',
              value: { scheduleChangeId: SCHEDULE_CHANGE_ID },
            },
          }),
          required: false,
        },
      },
    ),
  },
};
