/**
 * Sets the limits of a transaction that does one batch of work in the background. It takes a
 * fraction of a second unless the machine is busy. They are longer than those of a booking's
 * transaction, which nobody waits for here.
 */
export const BATCH_LIMITS = "SET LOCAL statement_timeout = '30s'; SET LOCAL lock_timeout = '30s'";
