import type { ClaimRate } from '../claims/market';
import type { Table } from './tables';

/** Each round's claims, as they were measured. */
export function claimTable(rates: readonly ClaimRate[]): Table {
  return [
    ['claims', 'clients', 'flights', 'claims/s'],
    ...rates.map(({ by, market, clients, perSecond }) => [
      ...[by, clients, market === 'hot' ? 'one at a time' : '500', Math.round(perSecond)],
    ]),
  ];
}
