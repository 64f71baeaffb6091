/** How many seats one customer may keep off sale without paying for them. */
export interface HoldLimits {
  /** Unpaid bookings at a time. */
  maxOpenHoldsPerCustomer: number;
  /** Holds of one flight that were released unpaid within {@link UNPAID_HOLD_WINDOW_MS}. */
  maxUnpaidHoldsPerFlight: number;
  /** The same for all flights together. */
  maxUnpaidHoldsPerDay: number;
}

/** How long a hold that was released unpaid counts, from when it was requested. */
export const UNPAID_HOLD_WINDOW_MS = 24 * 60 * 60 * 1000;

/**
 * Changes of one booking that may hold seats, and end unpaid, within {@link UNPAID_HOLD_WINDOW_MS}.
 * The booking is paid for, so they are counted by booking: a reseller has many.
 */
export const MAX_UNPAID_CHANGES_PER_BOOKING = 3;

/**
 * A change that ended sooner, in milliseconds, kept nobody from its seats: a card that is declined
 * at once may be followed by another.
 */
export const UNPAID_CHANGE_COUNTS_FROM_MS = 60 * 1000;

/**
 * Returns the limits of one customer. A reseller's own `maxOpenHolds` replaces the default. It
 * raises the other limits in proportion, and never lowers them.
 */
export function holdLimitsFor(defaults: HoldLimits, maxOpenHolds?: number): HoldLimits {
  if (maxOpenHolds === undefined) return defaults;
  const factor = Math.max(1, maxOpenHolds / Math.max(1, defaults.maxOpenHoldsPerCustomer));
  return {
    maxOpenHoldsPerCustomer: maxOpenHolds,
    maxUnpaidHoldsPerFlight: Math.floor(defaults.maxUnpaidHoldsPerFlight * factor),
    maxUnpaidHoldsPerDay: Math.floor(defaults.maxUnpaidHoldsPerDay * factor),
  };
}
