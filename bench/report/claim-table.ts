import type { ClaimRate } from '../claims/market';
import type { Table } from './tables';

/** Each round's claims, as they were measured. */
export function claimTable(rates: readonly ClaimRate[]): Table {
  return [
    ['', 'by', 'clients', 'flights', 'a second'],
    ...rates.map(({ unit, by, market, clients, perSecond }) => [
      ...[
        `${unit}s`,
        by,
        clients,
        market === 'hot' ? 'one at a time' : '500',
        Math.round(perSecond),
      ],
    ]),
  ];
}
