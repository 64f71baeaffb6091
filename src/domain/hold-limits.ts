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
