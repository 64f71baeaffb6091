import type { Db } from '../../src/db/connection';
import type { ChangedBooks } from './changed-books';

/** What each is, the invariant that it violates, and how it is planted. */
export const FAULTS_OF_CHANGES: [
  string,
  string,
  (trx: Db, books: ChangedBooks) => Promise<unknown>,
][] = [
  [
    'a change that cost more than was paid for it',
    'every completed change is paid for, or given back, to the cent; no other is',
    (trx, { dearer }) =>
      trx('changes').where({ booking_id: dearer }).increment({ to_pay_amount: 1, fee_amount: 1 }),
  ],
  [
    'a change that never was',
    'a booking knows its changes: those completed, and the one that is being made',
    (trx, { dearer }) => trx('bookings').where({ id: dearer }).update({ change_count: 2 }),
  ],
  [
    'more given back for a change than it was cheaper by',
    'what a booked booking was paid, less what went back, is its price and its change fees',
    (trx, { cheaper }) =>
      trx('refunds')
        .whereIn('payment_id', trx('payments').where({ booking_id: cheaper }).select('id'))
        .increment({ amount: 1 }),
  ],
  [
    'a flight that the last change did not give it',
    'a changed booking has exactly the flights of its last change, at the price of each',
    (trx, { dearer, waitingFlight }) =>
      trx('booking_segments')
        .where({ booking_id: dearer, position: 3 })
        .update({ flight_id: waitingFlight }),
  ],
  [
    'a change that nobody finishes',
    'a change is completed or has failed within two hours',
    (trx, { changing }) =>
      trx('changes')
        .where({ booking_id: changing })
        .update({ created_at: hoursAgo(3) }),
  ],
  [
    'a cancelled flight that is on sale again',
    'a flight is as its schedule changes have left it',
    (trx, { waitingFlight }) =>
      trx('flights').where({ id: waitingFlight }).update({ status: 'scheduled' }),
  ],
  [
    'a flight that is moved, and nobody did it',
    'a flight is as its schedule changes have left it',
    (trx, { accepted }) =>
      trx('flights')
        .whereIn('id', trx('bookings').where({ id: accepted }).select('flight_id'))
        .update({ departure_at: hoursAgo(-48) }),
  ],
  [
    'a booking of a cancelled flight that nobody is to tell',
    'who has a seat on a cancelled flight was listed to be told of it',
    (trx, { waiting }) => trx('booking_schedule_changes').where({ booking_id: waiting }).delete(),
  ],
  [
    'a cancelled booking that waits for its customer',
    'only a booked booking waits for its customer to respond to a schedule change',
    (trx, { waiting }) =>
      trx('bookings')
        .where({ id: waiting })
        .update({ status: 'cancelled', cancellation_reason: 'customer_request' }),
  ],
  [
    'a response that was not carried out',
    'what a schedule change was settled with is what became of the booking',
    (trx, { accepted }) =>
      trx('booking_schedule_changes')
        .where({ booking_id: accepted })
        .update({ outcome: 'cancelled' }),
  ],
  [
    'a fee kept although the airline has cancelled the flight',
    'a booking of one flight that the airline ends gets the whole price back',
    (trx, { ended }) =>
      trx('refunds')
        .whereIn('payment_id', trx('payments').where({ booking_id: ended }).select('id'))
        .decrement({ amount: 1 }),
  ],
  [
    'a customer who does not hear of it',
    'whoever has a seat on a flight is told within an hour that it is cancelled or moved',
    (trx, { untoldChange }) =>
      trx('schedule_changes')
        .where({ id: untoldChange })
        .update({ applied_at: hoursAgo(2) }),
  ],
  [
    'an offer that outlives its time',
    'a schedule change that nobody responds to is settled in time',
    (trx, { waiting }) =>
      trx('booking_schedule_changes')
        .where({ booking_id: waiting })
        .update({ respond_by: hoursAgo(3) }),
  ],
];

function hoursAgo(hours: number): Date {
  return new Date(Date.now() - hours * 60 * 60_000);
}
