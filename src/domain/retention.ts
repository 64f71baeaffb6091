const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Personal data stay for at least so many days after departure: until then the flight may have to be
 * proven, paid back or explained.
 */
export const MIN_PERSONAL_DATA_DAYS = 7;

/**
 * Returns the instant before which the last flight of a booking must have departed, so that its
 * personal data may be erased.
 *
 * @param days - How long they are kept after departure; at least the minimum counts.
 */
export function erasableBefore(now: Date, days = MIN_PERSONAL_DATA_DAYS): Date {
  return new Date(now.getTime() - Math.max(days, MIN_PERSONAL_DATA_DAYS) * DAY_MS);
}
