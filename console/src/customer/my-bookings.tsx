import type { JSX } from 'preact';
import { answerOf } from '../shared/api';
import { useAsked } from '../shared/asking';
import { BookingList } from '../shared/booking-list';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { View, Waiting } from '../shared/view';

/** A customer's own bookings, the newest first. */
export function MyBookings(): JSX.Element {
  const api = useApi();
  const asked = useAsked('mine', () =>
    answerOf(api.GET('/api/v1/bookings', { params: { query: { limit: 50 } } })),
  );
  return (
    <View title="My bookings">
      {asked.isWaiting && <Waiting what="Reading your bookings" />}
      <TroubleNote trouble={asked.trouble} again={asked.again} />
      {asked.value !== undefined &&
        (asked.value.data.length === 0 ? (
          <p>
            There are none yet. <a href="#/">Book a flight</a>
          </p>
        ) : (
          <BookingList label="My bookings" bookings={asked.value.data} path="bookings" />
        ))}
    </View>
  );
}
