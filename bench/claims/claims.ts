import { query } from '../../scripts/stack/postgres-cluster';
import { claimByOurCode } from './by-our-code';
import { claimByPgbench, findPgbench } from './by-pgbench';
import type { ClaimLoad, ClaimRate } from './market';

const WAYS = { ours: claimByOurCode, pgbench: claimByPgbench };

const TEMPLATE = 'bench_claims_template';
const DATABASE = 'bench_claims';

/** Keeps a copy of our database as it is now: nobody may be connected to that. */
export async function keepTemplate(serverUrl: string, database: string): Promise<void> {
  await query(serverUrl, `CREATE DATABASE ${TEMPLATE} TEMPLATE ${database}`);
}

/**
 * Claims seats in SQL alone, without HTTP and Temporal: in each market by our code and by pgbench,
 * each time in a fresh copy of the database. pgbench is left out where there is none.
 */
export async function* measureClaims(
  serverUrl: string,
  flights: readonly string[],
  load: ClaimLoad,
): AsyncGenerator<ClaimRate> {
  const hasPgbench = findPgbench() !== undefined;
  for (const market of ['spread', 'hot'] as const) {
    for (const by of hasPgbench ? (['ours', 'pgbench'] as const) : (['ours'] as const)) {
      await query(serverUrl, `DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
      await query(serverUrl, `CREATE DATABASE ${DATABASE} TEMPLATE ${TEMPLATE}`);
      const url = Object.assign(new URL(serverUrl), { pathname: DATABASE }).href;
      const perSecond = await WAYS[by](url, flights, market, load);
      yield { by, market, clients: load.clients, perSecond };
    }
  }
}
