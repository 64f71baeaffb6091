import type { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { ChooseSeatsRequest, CorrectNameRequest } from '../amendments/schemas';
import { Booking } from '../bookings/schemas';
import { GivenId } from '../schemas';
import { BOOKED, BOOKING_ID, FLIGHT_ID, PASSENGER_ID } from './examples';
import { LIMITED, type HeaderName } from './headers';
import { body, json, secured } from './operation';
import { BookingById, OptionalKey } from './parameters';

const ONE = `/api/v1/bookings/${BOOKING_ID}`;

const AMENDED: HeaderName[] = ['Idempotent-Replayed', ...LIMITED];

const PassengerOfBooking = BookingById.extend({
  passengerId: GivenId.meta({
    description: 'Of the passenger, as the booking shows it.',
    param: { example: PASSENGER_ID },
  }),
});

/** Of two adults, the first. */
const CORRECTED: z.input<typeof Booking> = {
  ...BOOKED,
  passengers: BOOKED.passengers.map((passenger) =>
    passenger.id === PASSENGER_ID ? { ...passenger, familyName: 'Lovelase' } : passenger,
  ),
};

/** What of a booking can be set right free of charge. */
export const AMENDMENT_PATHS: ZodOpenApiPathsObject = {
  '/api/v1/bookings/{id}/passengers/{passengerId}': {
    patch: secured(
      {
        tag: 'Bookings',
        operationId: 'correctName',
        summary: 'Correct the name of a passenger',
        description:
          'At most three letters may differ from the names as they were booked first, both ' +
          'together, however often they are corrected. Until two hours before the first departure. ' +
          'A name that is so already changes nothing, so a retry needs no key; with one it gets the ' +
          'first answer, whatever has happened since.',
        instance: `${ONE}/passengers/${PASSENGER_ID}`,
        good: { 200: json('The booking with the name.', Booking, CORRECTED, AMENDED) },
        codes: [
          'validation_failed',
          'malformed_json',
          'idempotency_key_invalid',
          'booking_not_found',
          'passenger_not_found',
          'name_change_refused',
          'payment_in_progress',
          'change_in_progress',
          'payload_too_large',
          'unsupported_media_type',
          'idempotency_key_reused',
          'erased',
        ],
      },
      {
        requestParams: { path: PassengerOfBooking, header: OptionalKey },
        requestBody: body(CorrectNameRequest, {
          family: { summary: 'A family name', value: { familyName: 'Lovelase' } },
          given: { summary: 'A given name that was forgotten', value: { givenName: 'Ada' } },
        }),
      },
    ),
  },
  '/api/v1/bookings/{id}/seats': {
    post: secured(
      {
        tag: 'Bookings',
        operationId: 'chooseSeats',
        summary: 'Choose other seats',
        description:
          'Moves passengers to free seats of their cabin, all or none; they may exchange seats ' +
          'among themselves. Until the flight departs. Who sits there already stays, so a retry ' +
          'needs no key; with one it gets the first answer, whatever has happened since.',
        instance: `${ONE}/seats`,
        good: { 200: json('The booking with the seats.', Booking, BOOKED, AMENDED) },
        codes: [
          'validation_failed',
          'malformed_json',
          'idempotency_key_invalid',
          'booking_not_found',
          'passenger_not_found',
          'flight_not_found',
          'seats_unavailable',
          'flight_closed',
          'flight_departed',
          'booking_not_changeable',
          'payment_in_progress',
          'change_in_progress',
          'payload_too_large',
          'unsupported_media_type',
          'idempotency_key_reused',
          'erased',
        ],
      },
      {
        requestParams: { path: BookingById, header: OptionalKey },
        requestBody: body(ChooseSeatsRequest, {
          one: {
            summary: 'One passenger moves',
            value: {
              seats: [{ passengerId: PASSENGER_ID, flightId: FLIGHT_ID, seatNumber: '10A' }],
            },
          },
        }),
      },
    ),
  },
};
