import { refusalOf } from '../shared/refusals';
import type { Amendment } from './amendment';
import type { BookingStateMachine } from './state-machine';

/** Carries out an amendment, unless a rule forbids it: then the booking stays as it is. */
export async function amend(booking: BookingStateMachine, amendment: Amendment): Promise<void> {
  try {
    amendment.end(await booking.locally(amendment.carryOut()));
    booking.endAmendment(amendment.note);
  } catch (failure) {
    const refusal = refusalOf(failure);
    if (refusal === undefined) throw failure;
    amendment.refuse(refusal);
    booking.learnFrom(refusal);
    booking.endAmendment(`The booking is not amended: ${refusal.message}`);
  }
}
