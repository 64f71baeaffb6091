import type { FlightStatus } from './flight-status';

/** Sales close 60 minutes before departure, when check-in does. */
const SALES_CLOSE_BEFORE_DEPARTURE_MS = 60 * 60 * 1000;

export function salesCloseAt(departureAt: Date): Date {
  return new Date(departureAt.getTime() - SALES_CLOSE_BEFORE_DEPARTURE_MS);
}

export function isOnSale(departureAt: Date, now: Date): boolean {
  return now < salesCloseAt(departureAt);
}

/** Whether flights, in the order in which they are flown, are on sale as one booking. */
export function areOnSale(
  flights: readonly { departureAt: Date; status: FlightStatus }[],
  now: Date,
): boolean {
  const first = flights[0];
  if (first === undefined) throw new Error('Bug: a booking of no flight');
  return isOnSale(first.departureAt, now) && flights.every(({ status }) => status !== 'cancelled');
}

/**
 * Returns when a hold must be paid for: the payment window after its seats were claimed, or when
 * sales close if that is sooner.
 */
export function paymentDeadline(
  heldAt: Date,
  paymentWindowSeconds: number,
  departureAt: Date,
): Date {
  const windowEnd = heldAt.getTime() + paymentWindowSeconds * 1000;
  return new Date(Math.min(windowEnd, salesCloseAt(departureAt).getTime()));
}

/** Returns the instant after which a flight must depart to be on sale. */
export function firstDepartureOnSale(now: Date): Date {
  return new Date(now.getTime() + SALES_CLOSE_BEFORE_DEPARTURE_MS);
}
