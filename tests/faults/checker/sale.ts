import type { Operation } from '../history/read';
import { Payment, read } from './bodies';
import type { BookingStory } from './story';

/** Whether a payment was acknowledged as captured: its booking is sold. */
export function isPaid({ kind, response }: Operation): boolean {
  return (
    kind === 'pay' &&
    response?.status === 201 &&
    read(Payment, response.body)?.status === 'captured'
  );
}

/** When somebody was told first, by a payment or a read, that it was sold; Infinity: nobody was. */
export function soldBy({ sights, operations }: BookingStory): number {
  const booked = sights.filter(({ booking, isRead }) => booking.status === 'booked' && isRead);
  return Math.min(
    ...booked.map(({ to }) => to),
    ...operations.filter(isPaid).map(({ endedAt }) => endedAt),
  );
}
