/** Everyone claims on one flight; or each on one of five hundred. */
export type Market = 'hot' | 'spread';

/** A seat that is reserved; or one that is reserved, paid for and confirmed. */
export type Unit = 'claim' | 'sale';

export interface ClaimRate {
  by: 'ours' | 'pgbench';
  unit: Unit;
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

/** What is measured: of sales, only those that don't meet. */
export const TRADES: readonly Pick<ClaimRate, 'unit' | 'market'>[] = [
  { unit: 'claim', market: 'spread' },
  { unit: 'claim', market: 'hot' },
  { unit: 'sale', market: 'spread' },
];

/**
 * In the hot market everybody claims on one flight, and after so many claims all go on to the next:
 * the flights have more seats than that, so that none is ever sold out.
 */
export const CLAIMS_PER_HOT_FLIGHT = 80;
