import type { JSX } from 'preact';
import { answerOf } from '../shared/api';
import { useAsked } from '../shared/asking';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { count } from '../shared/words';

/** Says how many a schedule change would reach, before it is made. */
export function Affected({ flightId, held }: { flightId: string; held: number }): JSX.Element {
  const api = useApi();
  const asked = useAsked(flightId, () =>
    answerOf(api.GET('/api/v1/flights/{id}/passengers', { params: { path: { id: flightId } } })),
  );
  if (asked.value === undefined) return <TroubleNote trouble={asked.trouble} again={asked.again} />;
  const { passengers } = asked.value;
  const bookings = new Set(passengers.map(({ bookingId }) => bookingId)).size;
  return (
    <p class="note" role="status">
      Would reach {count(passengers.length, 'passenger')} of {count(bookings, 'booking')}, and end{' '}
      {count(held, 'hold')} of seats if it is cancelled. Nothing is done yet.
    </p>
  );
}
