import { randomUUID } from 'node:crypto';
import type { Booking } from '../../src/domain/booking';
import type { Answer, Customer } from './customer';
import type { Step, Tally } from './tally';

const PASSENGERS = [{ givenName: 'Ada', familyName: 'Lovelace' }];

/** A request got another response than it must. */
export class StepFailure extends Error {
  constructor(step: Step, code: string) {
    super(`${step}: ${code}`);
  }
}

/** What a purchase needs of the booking that was created. */
type Created = Pick<Booking, 'id' | 'price'>;

/**
 * One purchase: books a seat on one of the flights, and pays for it.
 *
 * @throws StepFailure when a response is anything but success.
 */
export async function buySeat(
  customer: Customer,
  flights: readonly string[],
  tally: Tally,
): Promise<void> {
  const flightId = flights[Math.floor(Math.random() * flights.length)];
  await tally.time('both', async () => {
    const booking = await request<Created>(tally, 'create', () =>
      customer.post('/api/v1/bookings', randomUUID(), { flightId, passengers: PASSENGERS }),
    );
    const { amount, currency } = booking.price;
    const payment = { bookingId: booking.id, amount, currency, paymentMethod: 'pm_card_visa' };
    await request(tally, 'pay', () =>
      customer.post('/api/v1/bookings/payments', randomUUID(), payment),
    );
    tally.countBooking(booking.id);
  });
}

async function request<Body>(tally: Tally, step: Step, send: () => Promise<Answer>): Promise<Body> {
  const answer = await tally
    .time(step, send)
    .catch((error: unknown) => Promise.reject(new StepFailure(step, faultOf(error))));
  if (answer.status !== 201) throw new StepFailure(step, codeOf(answer));
  return answer.body as Body;
}

/** A problem has a code of its own; other responses have their status only. */
function codeOf({ status, body }: Answer): string {
  const code = (body as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? `${status} ${code}` : String(status);
}

function faultOf(error: unknown): string {
  const { code, name } = error as NodeJS.ErrnoException;
  return code ?? name;
}
