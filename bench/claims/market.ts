/** Everyone claims on one flight; or each on one of five hundred. */
export type Market = 'hot' | 'spread';

export interface ClaimRate {
  by: 'ours' | 'pgbench';
  market: Market;
  clients: number;
  perSecond: number;
}

export interface ClaimLoad {
  clients: number;
  seconds: number;
  /** Where scripts are put. */
  folder: string;
}

/**
 * In the hot market everybody claims on one flight, and after so many claims all go on to the next:
 * the flights have more seats than that, so that none is ever sold out.
 */
export const CLAIMS_PER_HOT_FLIGHT = 80;
