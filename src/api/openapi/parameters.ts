import { z } from 'zod';
import { GivenId } from '../schemas';
import { BOOKING_ID, FLIGHT_ID, SCHEDULE_CHANGE_ID } from './examples';

/** Parameters that several operations share. */

export const FlightById = z.object({
  id: GivenId.meta({ description: 'Of the flight.', param: { example: FLIGHT_ID } }),
});

export const ScheduleChangeById = z.object({
  id: GivenId.meta({
    description: 'Of the schedule change.',
    param: { example: SCHEDULE_CHANGE_ID },
  }),
});

export const BookingById = z.object({
  id: GivenId.meta({ description: 'Of the booking.', param: { example: BOOKING_ID } }),
});

// Without an example: a form that shows one would send the same key for every booking.
const Key = z
  .string()
  .regex(/^[\x21-\x7e]+$/)
  .min(1)
  .max(255);

const explained = {
  description:
    'Makes a retry safe: any text that you make up once for what you want, such as a UUID. ' +
    '`Idempotency-Key` works, too.',
};

export const OptionalKey = z.object({ 'x-idempotency-key': Key.optional().meta(explained) });

export const RequiredKey = z.object({ 'x-idempotency-key': Key.meta(explained) });
