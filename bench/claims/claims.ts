import { query } from '../../scripts/stack/postgres-cluster';
import { claimByOurCode } from './by-our-code';
import { claimByPgbench, findPgbench } from './by-pgbench';
import { TRADES, type ClaimLoad, type ClaimRate } from './market';

const WAYS = { ours: claimByOurCode, pgbench: claimByPgbench };

const TEMPLATE = 'bench_claims_template';
const DATABASE = 'bench_claims';

/** Keeps a copy of our database as it is now: nobody may be connected to that. */
export async function keepTemplate(serverUrl: string, database: string): Promise<void> {
  await query(serverUrl, `CREATE DATABASE ${TEMPLATE} TEMPLATE ${database}`);
}

/**
 * Claims and sells seats in SQL alone, without HTTP and Temporal, by our code and by pgbench,
 * each time in a fresh copy of the database. pgbench is left out where there is none.
 */
export async function* measureClaims(
  serverUrl: string,
  flights: readonly string[],
  load: ClaimLoad,
): AsyncGenerator<ClaimRate> {
  const hasPgbench = findPgbench() !== undefined;
  for (const trade of TRADES) {
    for (const by of hasPgbench ? (['ours', 'pgbench'] as const) : (['ours'] as const)) {
      await query(serverUrl, `DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
      await query(serverUrl, `CREATE DATABASE ${DATABASE} TEMPLATE ${TEMPLATE}`);
      const url = Object.assign(new URL(serverUrl), { pathname: DATABASE }).href;
      const perSecond = await WAYS[by](url, flights, trade, load);
      yield { by, ...trade, clients: load.clients, perSecond };
    }
  }
}
