/** What operators search bookings by, as the dev server registers it: name and type. */
export const SEARCH_ATTRIBUTES = {
  BookingStatus: 'Keyword',
  BookingReference: 'Keyword',
  FlightNumber: 'Keyword',
  RefundStatus: 'Keyword',
  DepartureTime: 'Datetime',
  PaymentDeadline: 'Datetime',
} as const;

/** The arguments of `temporal server start-dev` that register them; a server that has them takes them again. */
export function searchAttributeArguments(): string[] {
  return Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${type}`,
  ]);
}
