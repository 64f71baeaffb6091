import type { SearchAttributePair } from '@temporalio/common';
import { FlightNumberAttribute, FlightNumbersAttribute } from './search-attributes';

/**
 * The search attributes by which operators find a workflow by the flights of its booking, given in
 * their order: by the first, and by any of them. None where the flights are unknown.
 */
export function flightNumberAttributes(flightNumbers: readonly string[]): SearchAttributePair[] {
  const [first] = flightNumbers;
  if (first === undefined) return [];
  return [
    { key: FlightNumberAttribute, value: first },
    { key: FlightNumbersAttribute, value: [...new Set(flightNumbers)] },
  ];
}
