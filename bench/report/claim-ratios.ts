import type { ClaimRate } from '../claims/market';
import { spreadOf } from './numbers';

/** Ratios of the claims: on one flight to many, and through our code to PostgreSQL's own program. */
export function claimRatios(rates: readonly ClaimRate[]): Record<string, number> {
  const median = (wanted: Pick<ClaimRate, 'by' | 'unit' | 'market'>) =>
    spreadOf(
      rates
        .filter(
          ({ by, unit, market }) =>
            by === wanted.by && unit === wanted.unit && market === wanted.market,
        )
        .map(({ perSecond }) => perSecond),
    )?.median ?? NaN;
  const hotToSpread = (by: ClaimRate['by']) =>
    median({ by, unit: 'claim', market: 'hot' }) / median({ by, unit: 'claim', market: 'spread' });
  const oursToPgbench = (trade: Pick<ClaimRate, 'unit' | 'market'>) =>
    median({ by: 'ours', ...trade }) / median({ by: 'pgbench', ...trade });
  return {
    'claims/s, one hot flight ÷ spread, ours': hotToSpread('ours'),
    'claims/s, one hot flight ÷ spread, pgbench': hotToSpread('pgbench'),
    'claims/s, ours ÷ pgbench, hot': oursToPgbench({ unit: 'claim', market: 'hot' }),
    'claims/s, ours ÷ pgbench, spread': oursToPgbench({ unit: 'claim', market: 'spread' }),
    'sales/s, ours ÷ pgbench, spread': oursToPgbench({ unit: 'sale', market: 'spread' }),
  };
}
