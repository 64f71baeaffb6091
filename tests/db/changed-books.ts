import { randomUUID } from 'node:crypto';
import { cancelBookedBooking } from '../../src/db/bookings/cancel-booked';
import { reserve } from '../../src/db/bookings/reservations';
import { holdChange } from '../../src/db/changes/hold-change';
import type { Db } from '../../src/db/connection';
import { confirmWithCardPayment } from '../../src/db/payments/captures';
import { startPayment } from '../../src/db/payments/card-payments';
import { applyScheduleChange, type NewScheduleChange } from '../../src/db/schedule-changes/apply';
import { acceptOffer, makeOffer } from '../../src/db/schedule-changes/offers';
import type { BookingRequest } from '../../src/temporal/contracts/booking';
import { putOnSale } from '../api/timetable';
import { paymentFor, putFlightOnSale, type FlightOnSale } from '../support/flights';
import { itineraryRequest, putRoundTripOnSale, WAY_BACK } from '../support/itineraries';
import { sell, settleWithProvider, terms } from './inventory';
import { beginChange, changeBy, quoteChange } from './making-changes';

/** Books in which bookings were changed, and the airline has changed flights; IDs of bookings. */
export interface ChangedBooks {
  /** Changed to a dearer flight. */
  dearer: string;
  /** Changed to a cheaper flight: something goes back. */
  cheaper: string;
  /** A change of it is being made. */
  changing: string;
  /** Its flight is cancelled, and it waits for a response. */
  waiting: string;
  waitingFlight: string;
  /** Its flight was moved, and a person has accepted that. */
  accepted: string;
  /** Its flight is cancelled, and nobody has responded. */
  ended: string;
  /** Its flight is cancelled, and it was not told yet. */
  untold: string;
  untoldChange: string;
}

const HOUR_MS = 60 * 60_000;
const NOW = new Date();

/** Makes such books, as our transactions do. */
export async function makeChangedBooks(db: Db): Promise<ChangedBooks> {
  const [dearer, cheaper, changing] = [
    await changed(db, 19_000),
    await changed(db, 6_000),
    await beingChanged(db),
  ];
  const waiting = await disrupted(db);
  await makeOffer(db, waiting.bookingId, NOW);
  const accepted = await disrupted(db, ({ departureAt }) => ({
    kind: 'moved',
    departureAt: new Date(departureAt.getTime() + 10 * HOUR_MS),
    arrivalAt: new Date(departureAt.getTime() + 18 * HOUR_MS),
  }));
  await makeOffer(db, accepted.bookingId, NOW);
  const by = { kind: 'customer', id: 'customer-1' } as const;
  await acceptOffer(db, accepted.bookingId, { by, at: NOW });
  const ended = await disrupted(db);
  await makeOffer(db, ended.bookingId, NOW);
  await cancelBookedBooking(db, ended.bookingId, {
    asOperator: false,
    actor: 'system',
    because: 'flight_cancelled',
    requestedAt: new Date(NOW.getTime() + 72 * HOUR_MS),
    ourProviders: ['sandbox'],
  });
  const untold = await disrupted(db);
  await settleWithProvider(db);
  return {
    dearer,
    cheaper,
    changing,
    accepted: accepted.bookingId,
    ended: ended.bookingId,
    waiting: waiting.bookingId,
    waitingFlight: waiting.flightId,
    untold: untold.bookingId,
    untoldChange: untold.scheduleChangeId,
  };
}

/** A round trip that is sold, and a quote to exchange its last flight, of 150 dollars. */
async function quoted(db: Db, price: number) {
  const { slices, flightIds } = await putRoundTripOnSale(db);
  const [last = ''] = await putOnSale(db, [
    {
      from: 'LAX',
      to: 'EWR',
      date: WAY_BACK,
      time: '17:00',
      cabins: [{ cabin: 'economy', seats: 2, price }],
    },
  ]);
  const booking: BookingRequest = itineraryRequest(slices);
  await reserve(db, booking, terms());
  const payment = paymentFor(booking, { amount: 54_000 });
  await startPayment(db, payment, 'sandbox');
  await confirmWithCardPayment(db, payment, `spi_${payment.paymentId}`);
  const exchanges = [{ replaces: 1, flightIds: [flightIds[2] ?? '', last] }];
  return { booking, change: changeBy(booking, await quoteChange(db, booking, exchanges)) };
}

async function changed(db: Db, price: number): Promise<string> {
  const { booking, change } = await quoted(db, price);
  await (await beginChange(db, change)).complete();
  return booking.bookingId;
}

async function beingChanged(db: Db): Promise<string> {
  const { booking, change } = await quoted(db, 19_000);
  await holdChange(db, change, NOW);
  return booking.bookingId;
}

/** A sold booking whose flight the airline has changed; it has not been told. */
async function disrupted(
  db: Db,
  changeOf: (flight: FlightOnSale) => NewScheduleChange['change'] = () => ({ kind: 'cancelled' }),
): Promise<{ bookingId: string; flightId: string; scheduleChangeId: string }> {
  const flight = await putFlightOnSale(db, { seats: 6 });
  const { request } = await sell(db, flight);
  const scheduleChangeId = randomUUID();
  const order = { reason: 'Fog.', requestedBy: 'operator-1', fingerprint: 'of-the-order' };
  const change = { id: scheduleChangeId, flightId: flight.id, change: changeOf(flight), ...order };
  await applyScheduleChange(db, change, NOW);
  return { bookingId: request.bookingId, flightId: flight.id, scheduleChangeId };
}
