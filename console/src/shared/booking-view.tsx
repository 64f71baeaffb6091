import type { ComponentChildren, JSX } from 'preact';
import { answerOf, type Schemas } from './api';
import { useAsked } from './asking';
import { StatusBadge } from './booking-summary';
import { useApi } from './session';
import { TroubleNote } from './trouble-note';
import { View, Waiting } from './view';

/** Things happen to a booking by themselves: its deadline passes, a refund arrives, a flight moves. */
const REFRESH_MS = 3_000;

/** One booking as it is now, and again and again; `again` asks at once, after something was done. */
export function BookingView({
  id,
  children,
}: {
  id: string;
  children: (booking: Schemas['Booking'], again: () => void) => ComponentChildren;
}): JSX.Element {
  const api = useApi();
  const asked = useAsked(
    id,
    () => answerOf(api.GET('/api/v1/bookings/{id}', { params: { path: { id } } })),
    REFRESH_MS,
  );
  const booking = asked.value;
  if (booking === undefined)
    return (
      <View title="Booking">
        {asked.isWaiting && <Waiting what="Reading the booking" />}
        <TroubleNote trouble={asked.trouble} again={asked.again} />
      </View>
    );
  return (
    <View title={`Booking ${booking.reference}`} aside={<StatusBadge booking={booking} />}>
      <TroubleNote trouble={asked.trouble} />
      {children(booking, asked.again)}
    </View>
  );
}
