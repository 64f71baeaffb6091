import type { JSX } from 'preact';
import { CorrectNames } from '../amendments/correct-names';
import { OtherSeats } from '../amendments/other-seats';
import { BookingSummary } from '../shared/booking-summary';
import { BookingView } from '../shared/booking-view';
import { Card } from '../shared/view';
import { ActionButton } from './action-button';
import { Payments } from './payments';
import { TemporalLink } from './temporal-link';
import { Timeline } from './timeline';

/** A booking as an operator sees it: all that is known of it, and what may be done for the customer. */
export const OperatorsBooking = ({ id }: { id: string }): JSX.Element => (
  <BookingView id={id}>
    {(booking, again) => (
      <>
        <BookingSummary booking={booking} />
        <Payments bookingId={id} onDone={again} />
        <Card title="Act for the customer">
          <p class="buttons">
            {booking.availableActions.includes('cancel') && (
              <ActionButton
                action="cancel"
                what={booking.reference}
                bookingId={id}
                onDone={again}
              />
            )}
            <TemporalLink workflowId={booking.workflowId} />
          </p>
        </Card>
        <OtherSeats booking={booking} onMoved={again} />
        <CorrectNames booking={booking} onCorrected={again} />
        <Timeline bookingId={id} />
      </>
    )}
  </BookingView>
);
