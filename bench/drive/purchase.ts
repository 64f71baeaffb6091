import type { Answer, Customer, Shop } from './customer';
import { anyOf, codeOf, create, faultOf, pay, type Created } from './requests';
import type { Step, Tally } from './tally';

/** A request got another response than it must. */
export class StepFailure extends Error {
  constructor(step: string, code: string) {
    super(`${step}: ${code}`);
  }
}

/**
 * One purchase: books a seat on one of the flights, and pays for it.
 *
 * @throws StepFailure when a response is anything but success.
 */
export async function buySeat(
  customer: Customer,
  { flights }: Pick<Shop, 'flights'>,
  tally: Tally,
): Promise<void> {
  await completeSale(customer, tally, () => create(customer, anyOf(flights)));
}

/**
 * Pays for what a request books.
 *
 * @throws StepFailure when a response is anything but success.
 */
export async function completeSale(
  customer: Customer,
  tally: Tally,
  book: () => Promise<Answer>,
): Promise<void> {
  await tally.time('both', async () => {
    const answer = await succeed(tally, 'create', book);
    const booking = answer.body as Created;
    await succeed(tally, 'pay', () => pay(customer, booking));
    tally.countBooking(booking.id);
  });
}

async function succeed(tally: Tally, step: Step, send: () => Promise<Answer>): Promise<Answer> {
  const answer = await tally
    .time(step, send)
    .catch((error: unknown) => Promise.reject(new StepFailure(step, faultOf(error))));
  if (answer.status !== 201) throw new StepFailure(step, codeOf(answer));
  return answer;
}
