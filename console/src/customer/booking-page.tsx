import type { JSX } from 'preact';
import { answerOf } from '../shared/api';
import { useAsked } from '../shared/asking';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { View, Waiting } from '../shared/view';
import { BookingEvents } from './booking-events';
import { BookingSummary, StatusBadge } from '../shared/booking-summary';
import { Cancellation } from './cancellation';
import { ChangeFlights } from './change-flights';
import { Payment } from './payment';
import { ScheduleChangeOffer } from './schedule-change-offer';

/** Things happen to a booking by themselves: its deadline passes, a refund arrives, a flight moves. */
const REFRESH_MS = 3_000;

/** A customer's booking: what it is, what happened, and what can be done with it now. */
export function BookingPage({ id }: { id: string }): JSX.Element {
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
      <Payment booking={booking} onPaid={asked.again} />
      <ScheduleChangeOffer booking={booking} onAnswer={asked.again} />
      <BookingSummary booking={booking} />
      <ChangeFlights booking={booking} onChanged={asked.again} />
      <Cancellation booking={booking} onCancelled={asked.again} />
      <BookingEvents booking={booking} />
    </View>
  );
}
