import type { JSX } from 'preact';
import { answerOf, type Schemas } from '../shared/api';
import { useAsked } from '../shared/asking';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { Card } from '../shared/view';
import { momentHere, words } from '../shared/words';

/** What happened to a booking, as its customer may read it. */
export function BookingEvents({ booking }: { booking: Schemas['Booking'] }): JSX.Element {
  const api = useApi();
  const { id, status, passengers, payment, refund, scheduleChange, price } = booking;
  // Asked again whenever the booking shows that something has happened.
  const seen = JSON.stringify([
    ...[id, status, passengers, payment?.status, refund?.status, price.amount],
    scheduleChange?.actionTaken,
  ]);
  const asked = useAsked(seen, () =>
    answerOf(api.GET('/api/v1/bookings/{id}/events', { params: { path: { id } } })),
  );
  return (
    <Card title="What happened">
      <TroubleNote trouble={asked.trouble} again={asked.again} />
      <ol class="timeline">
        {asked.value?.data.map(({ type, occurredAt, reason }, index) => (
          <li key={index}>
            <time dateTime={occurredAt}>{momentHere(occurredAt)}</time>
            <span>
              {words(type)}
              {reason !== null && <small>{words(reason)}</small>}
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
