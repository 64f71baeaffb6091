import { randomUUID } from 'node:crypto';
import type { Flight } from '../../src/db/flights/flight-view';
import type { Booking } from '../../src/domain/booking';
import type { Answer, Customer } from './customer';
import type { Market } from './market';
import type { Step, Tally } from './tally';

const PASSENGERS = [{ givenName: 'Ada', familyName: 'Lovelace' }];

/** A step got another answer than it must. */
export class StepFailure extends Error {
  constructor(
    step: Step,
    readonly code: string,
  ) {
    super(`${step}: ${code}`);
  }
}

/**
 * One purchase, as a customer makes it: search, choose, book, pay. Who finds nothing buys nothing.
 *
 * @throws StepFailure when an answer is anything else but the one hoped for.
 */
export async function buyTrip(customer: Customer, market: Market, tally: Tally): Promise<void> {
  const wish = market.next();
  const found = await take<{ data: Flight[] }>(tally, 'search', 200, () =>
    customer.get(
      `/api/v1/flights?origin=${wish.origin}&destination=${wish.destination}&date=${wish.date}&limit=100`,
    ),
  );
  const flights = found.data.filter(
    ({ id, cabins }) =>
      (wish.flightId ?? id) === id &&
      cabins.some(({ cabin, availableSeats }) => cabin === 'economy' && availableSeats > 0),
  );
  const flight = flights[Math.floor(Math.random() * flights.length)];
  if (flight === undefined) {
    market.soldOut(wish);
    return;
  }

  const request = { flightId: flight.id, passengers: PASSENGERS };
  const booking = await take<Booking>(tally, 'create', 201, () =>
    customer.post('/api/v1/bookings', randomUUID(), request),
  );
  const { amount, currency } = booking.price;
  const payment = { bookingId: booking.id, amount, currency, paymentMethod: 'pm_card_visa' };
  await take(tally, 'pay', 201, () =>
    customer.post('/api/v1/bookings/payments', randomUUID(), payment),
  );
  tally.countBooking(booking.id);
}

async function take<Body>(
  tally: Tally,
  step: Step,
  status: number,
  ask: () => Promise<Answer>,
): Promise<Body> {
  const answer = await tally
    .time(step, ask)
    .catch((error: unknown) => Promise.reject(new StepFailure(step, faultOf(error))));
  if (answer.status !== status) throw new StepFailure(step, codeOf(answer));
  return answer.body as Body;
}

/** A problem has a code of its own; other answers have their status only. */
function codeOf({ status, body }: Answer): string {
  const code = (body as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? `${status} ${code}` : String(status);
}

function faultOf(error: unknown): string {
  const { code, name } = error as NodeJS.ErrnoException;
  return code ?? name;
}
