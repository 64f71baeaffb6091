import type { Check } from './finding';
import type { Sight } from './story';

/**
 * A booking never goes back: who has read a status reads the same or a later one afterwards,
 * whichever process answers (docs/reliability.md, "What is promised": what was returned stays).
 */
export const checkStatusOrder: Check = (_history, { bookings }) =>
  [...bookings.values()].flatMap(({ id, sights }) => {
    const reads = sights.filter(({ isRead }) => isRead);
    const told = sights.filter(({ from }) => from > 0);
    return reads.flatMap((read) => {
      const earlier = told.find((sight) => sight.to < read.from && rank(sight) > rank(read));
      if (earlier === undefined) return [];
      const [before, after] = [earlier.booking.status, read.booking.status];
      return [
        {
          what: `Booking ${id} was ${before} and is ${after} later`,
          operations: [earlier.operation, read.operation],
        },
      ];
    });
  });

const STATUSES = ['initiated', 'pending', 'booked', 'cancelled'];

function rank({ booking }: Sight): number {
  return STATUSES.indexOf(booking.status);
}
