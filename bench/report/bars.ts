import { rounded } from './numbers';
import type { Table } from './tables';

/** What a figure must reach, or must not exceed. */
export interface Bar {
  what: string;
  /** Undefined when it could not be measured. */
  value: number | undefined;
  limit: { atLeast: number } | { atMost: number };
}

export type Verdict = 'met' | 'not met' | 'not measured';

export function verdictOf({ value, limit }: Bar): Verdict {
  if (value === undefined || Number.isNaN(value)) return 'not measured';
  const isMet = 'atLeast' in limit ? value >= limit.atLeast : value <= limit.atMost;
  return isMet ? 'met' : 'not met';
}

export function barTable(bars: readonly Bar[]): Table {
  return [
    ['bar', 'value', 'limit', ''],
    ...bars.map((bar) => [bar.what, shown(bar.value), limitOf(bar), verdictOf(bar)]),
  ];
}

function limitOf({ limit }: Bar): string {
  return 'atLeast' in limit ? `≥ ${limit.atLeast}` : `≤ ${limit.atMost}`;
}

function shown(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '–' : String(rounded(value, 3));
}
