import { z } from 'zod';
import { MAX_SEGMENTS } from '../../domain/itinerary';
import { PersonName } from '../bookings/people';
import { GivenId, SeatNumber } from '../schemas';

export const CorrectNameRequest = z
  .strictObject({
    givenName: PersonName.nullable()
      .optional()
      .meta({ description: 'Left out, it stays; null where there is none.' }),
    familyName: PersonName.optional().meta({ description: 'Left out, it stays.' }),
  })
  .refine(({ givenName, familyName }) => givenName !== undefined || familyName !== undefined, {
    message: 'A given name or a family name is required.',
    path: ['familyName'],
  })
  .meta({ id: 'CorrectName' });

export type CorrectNameRequest = z.infer<typeof CorrectNameRequest>;

/** Nine seated passengers. */
const MAX_SEATED = 9;

export const ChooseSeatsRequest = z
  .strictObject({
    seats: z
      .array(z.strictObject({ passengerId: GivenId, flightId: GivenId, seatNumber: SeatNumber }))
      .min(1)
      .max(MAX_SEATED * MAX_SEGMENTS)
      .meta({ description: 'All of them or none. Passengers who are not named stay.' }),
  })
  .superRefine(({ seats }, context) => {
    const places = new Set<string>();
    const chosen = new Set<string>();
    seats.forEach(({ passengerId, flightId, seatNumber }, index) => {
      const place = `${passengerId} ${flightId}`;
      if (places.has(place))
        context.addIssue({
          code: 'custom',
          message: 'They have another seat on this flight.',
          path: ['seats', index],
        });
      if (chosen.has(`${flightId} ${seatNumber}`))
        context.addIssue({
          code: 'custom',
          message: `Seat ${seatNumber} is asked for twice.`,
          path: ['seats', index, 'seatNumber'],
        });
      places.add(place);
      chosen.add(`${flightId} ${seatNumber}`);
    });
  })
  .meta({ id: 'ChooseSeats' });

export type ChooseSeatsRequest = z.infer<typeof ChooseSeatsRequest>;
