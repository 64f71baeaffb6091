import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import type { BindingRefusal } from '../../temporal/contracts/booking';

/** What a customer is told of a refusal that binds their key. */
export const REFUSAL_DETAILS: Record<BindingRefusal, string> = {
  seats_unavailable: REFUSAL_TEXTS.seatsUnavailable,
  flight_closed: REFUSAL_TEXTS.flightClosed,
};
