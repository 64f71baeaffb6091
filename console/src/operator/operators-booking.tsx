import type { JSX } from 'preact';
import { answerOf } from '../shared/api';
import { useAsked } from '../shared/asking';
import { BookingSummary, StatusBadge } from '../shared/booking-summary';
import { useApi } from '../shared/session';
import { TroubleNote } from '../shared/trouble-note';
import { Card, View, Waiting } from '../shared/view';
import { ActionButton } from './action-button';
import { Payments } from './payments';
import { TemporalLink } from './temporal-link';
import { Timeline } from './timeline';

const REFRESH_MS = 5_000;

/** A booking as an operator sees it: all that is known of it, and what may be done for the customer. */
export function OperatorsBooking({ id }: { id: string }): JSX.Element {
  const api = useApi();
  const path = { params: { path: { id } } };
  const asked = useAsked(id, () => answerOf(api.GET('/api/v1/bookings/{id}', path)), REFRESH_MS);
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
      <BookingSummary booking={booking} />
      <Payments bookingId={id} onDone={asked.again} />
      <Card title="Act for the customer">
        <p class="buttons">
          {booking.availableActions.includes('cancel') && (
            <ActionButton
              action="cancel"
              what={booking.reference}
              bookingId={id}
              onDone={asked.again}
            />
          )}
          <TemporalLink workflowId={booking.workflowId} />
        </p>
      </Card>
      <Timeline bookingId={id} />
    </View>
  );
}
