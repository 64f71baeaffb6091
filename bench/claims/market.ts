/**
 * In the hot market everybody claims on one flight, and after so many claims all go on to the next:
 * the flights have more seats than that, so that none is ever sold out.
 */
export const CLAIMS_PER_HOT_FLIGHT = 80;
