/**
 * From when on a schedule change is taken for lost. Both are longer than one worker takes for ten
 * thousand bookings at its own pace.
 */

/** A booking that was not told, so long after the flight was changed: telling takes 48 minutes. */
export const UNTOLD_AFTER_MINUTES = 60;

/** An offer that nothing followed, so long after the time to respond: outcomes take 167 minutes. */
export const OVERDUE_AFTER_MINUTES = 180;
