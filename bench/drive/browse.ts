import { query } from '../../scripts/stack/postgres-cluster';
import type { Errand } from './crowd';
import { buySeat, StepFailure } from './purchase';
import { anyOf, codeOf, search, type Route } from './requests';

/** Searches of a customer before each purchase. */
export const SEARCHES_PER_PURCHASE = 2;

/** Looks for flights a few times, then buys a seat. */
export function browseAndBuy(routes: readonly Route[]): Errand {
  return async (customer, shop, tally) => {
    for (let time = 0; time < SEARCHES_PER_PURCHASE; time += 1) {
      const answer = await search(customer, anyOf(routes));
      if (answer.status !== 200) throw new StepFailure('search', codeOf(answer));
    }
    await buySeat(customer, shop, tally);
  };
}

/** Returns what can be searched for: every route and day with flights. */
export async function routesOf(databaseUrl: string): Promise<Route[]> {
  return query<Route>(
    databaseUrl,
    'SELECT DISTINCT origin, destination, departure_date::text AS date FROM flights',
  );
}
