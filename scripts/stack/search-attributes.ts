import type { Connection } from '@temporalio/client';
import { encodeSearchAttributeIndexedValueType } from '@temporalio/common/lib/search-attributes';
import { SEARCH_ATTRIBUTES as DEFINED } from '../../src/temporal/contracts/search-attributes';

/** The command line's names for types of search attributes. */
const TYPES: Record<string, string> = {
  KEYWORD: 'Keyword',
  KEYWORD_LIST: 'KeywordList',
  DATETIME: 'Datetime',
};

/** What operators search bookings by, as the dev server registers it: name and type. */
export const SEARCH_ATTRIBUTES = Object.fromEntries(
  DEFINED.map(({ name, type }) => [name, TYPES[type]] as const),
);

/**
 * The arguments of `temporal server start-dev` that register them; a server that has them takes
 * them again.
 */
export function searchAttributeArguments(): string[] {
  return Object.entries(SEARCH_ATTRIBUTES).flatMap(([name, type]) => [
    '--search-attribute',
    `${name}=${type ?? ''}`,
  ]);
}

/** Registers those of them that a server does not know yet. */
export async function registerSearchAttributes(
  { operatorService }: Pick<Connection, 'operatorService'>,
  namespace: string,
  known: readonly string[] = [],
): Promise<void> {
  const missing = DEFINED.filter(({ name }) => !known.includes(name));
  if (missing.length === 0) return;
  await operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(
      missing.map(({ name, type }) => [name, encodeSearchAttributeIndexedValueType(type) ?? 0]),
    ),
  });
}
