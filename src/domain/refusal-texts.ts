/**
 * Texts for customers of refusals that several rooms may be the first to make. No personal data.
 */
export const REFUSAL_TEXTS = {
  noSuchBooking: 'There is no such booking.',
  noSuchFlight: 'There is no such flight.',
  seatsUnavailable: 'Not enough of the seats that you asked for are free.',
  flightClosed:
    'Sales of this flight have closed: they do 60 minutes before departure, or when it is cancelled.',
  flightsNoLongerFit:
    'The airline has moved a flight meanwhile: these flights can no longer be booked together. Search again.',
  flightMoved: 'The airline has moved a flight meanwhile.',
  notPayable: 'The booking is not waiting for a payment.',
  paymentInProgress: 'A payment of this booking is being made.',
  isPaidFor: 'The booking is paid for.',
  hasDeparted: 'The flight has departed.',
  noSuchQuote: 'There is no such quote of this booking.',
  flightChanged: 'The airline has changed a flight of it meanwhile: ask for a new quote.',
  quoteExpired: 'The quote has expired: ask for a new one.',
  notChangeable:
    'The booking cannot be changed: it is not booked, its fare does not allow it, or it has begun.',
  noSuchPassenger: 'There is no such passenger of this booking.',
  tooLateForNames:
    'Names can be corrected until two hours before departure, as long as the booking has seats.',
  anotherName:
    'At most three letters may differ from the name as it was booked first: this is another name.',
  hasNoSeats: 'The booking has no seats that could be changed.',
  changeInProgress: 'A change of this booking is being made.',
  flightCancelled: 'The flight is cancelled.',
  noScheduleChange: 'There is no such schedule change.',
  scheduleChangeClosed: 'The schedule change can no longer be accepted.',
  anotherScheduleChange: 'Other times are offered by now: read the booking again.',
  keyReused: 'This idempotency key came with another request before.',
  anotherQuote: 'Another amount would go back: ask for a new quote.',
} as const;
