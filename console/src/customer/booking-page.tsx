import type { JSX } from 'preact';
import { CorrectNames } from '../amendments/correct-names';
import { OtherSeats } from '../amendments/other-seats';
import { BookingSummary } from '../shared/booking-summary';
import { BookingView } from '../shared/booking-view';
import { BookingEvents } from './booking-events';
import { Cancellation } from './cancellation';
import { ChangeFlights } from './change-flights';
import { Payment } from './payment';
import { ScheduleChangeOffer } from './schedule-change-offer';

/** A customer's booking: what it is, what happened, and what can be done with it now. */
export const BookingPage = ({ id }: { id: string }): JSX.Element => (
  <BookingView id={id}>
    {(booking, again) => (
      <>
        <Payment booking={booking} onPaid={again} />
        <ScheduleChangeOffer booking={booking} onAnswer={again} />
        <BookingSummary booking={booking} />
        <OtherSeats booking={booking} onMoved={again} />
        <CorrectNames booking={booking} onCorrected={again} />
        <ChangeFlights booking={booking} onChanged={again} />
        <Cancellation booking={booking} onCancelled={again} />
        <BookingEvents booking={booking} />
      </>
    )}
  </BookingView>
);
