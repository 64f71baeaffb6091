export const FLIGHT_STATUSES = ['scheduled', 'moved', 'cancelled'] as const;

/**
 * `scheduled`: flies as it was first put on sale; `moved`: at other times, and is sold for these;
 * `cancelled`: does not fly, and is not sold.
 */
export type FlightStatus = (typeof FLIGHT_STATUSES)[number];
