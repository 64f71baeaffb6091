/** Sales close 60 minutes before departure, when check-in does. */
const SALES_CLOSE_BEFORE_DEPARTURE_MS = 60 * 60 * 1000;

export function salesCloseAt(departureAt: Date): Date {
  return new Date(departureAt.getTime() - SALES_CLOSE_BEFORE_DEPARTURE_MS);
}

export function isOnSale(departureAt: Date, now: Date): boolean {
  return now < salesCloseAt(departureAt);
}

/**
 * When a hold must be paid by: the payment window after it was asked for, or the close of sales if
 * that is sooner.
 */
export function paymentDeadline(
  heldAt: Date,
  paymentWindowSeconds: number,
  departureAt: Date,
): Date {
  const windowEnd = heldAt.getTime() + paymentWindowSeconds * 1000;
  return new Date(Math.min(windowEnd, salesCloseAt(departureAt).getTime()));
}

/** Flights that depart after this instant are on sale. */
export function firstDepartureOnSale(now: Date): Date {
  return new Date(now.getTime() + SALES_CLOSE_BEFORE_DEPARTURE_MS);
}
