import type { ClaimRate } from '../claims/market';
import { spreadOf } from './numbers';

/** Ratios of the claims: on one flight to many, and through our code to PostgreSQL's own program. */
export function claimRatios(rates: readonly ClaimRate[]): Record<string, number> {
  const median = (by: ClaimRate['by'], market: ClaimRate['market']) =>
    spreadOf(
      rates
        .filter((rate) => rate.by === by && rate.market === market)
        .map(({ perSecond }) => perSecond),
    )?.median ?? NaN;
  return {
    'claims/s, one hot flight ÷ spread, ours': median('ours', 'hot') / median('ours', 'spread'),
    'claims/s, one hot flight ÷ spread, pgbench':
      median('pgbench', 'hot') / median('pgbench', 'spread'),
    'claims/s, ours ÷ pgbench, hot': median('ours', 'hot') / median('pgbench', 'hot'),
    'claims/s, ours ÷ pgbench, spread': median('ours', 'spread') / median('pgbench', 'spread'),
  };
}
