import { Client, Connection } from '@temporalio/client';
import type { Lab } from '../lab/lab';
import type { System } from '../systems/system';
import type { Instruments } from './measure';
import { CounterReader } from './server-counters';

/** Temporal's databases on its PostgreSQL. */
const TEMPORAL_DATABASES = ['temporal', 'temporal_visibility'];

/** Connects to the servers, to look at them. */
export async function openInstruments(
  { cluster, postgresUrl, temporalPostgresUrl }: Lab,
  systems: readonly System[],
): Promise<Instruments> {
  const { runDir, temporalNamespace: namespace } = cluster.settings;
  const connection = await Connection.connect({ address: cluster.temporalAddress });
  const postgres: Instruments['postgres'] = {};
  for (const { name, databases, postgresUrl: own = postgresUrl } of systems)
    postgres[name] = await CounterReader.open(own, databases);
  return {
    runDir,
    temporal: new Client({ connection, namespace }),
    postgres,
    temporalPostgres:
      temporalPostgresUrl === undefined
        ? undefined
        : await CounterReader.open(temporalPostgresUrl, TEMPORAL_DATABASES),
  };
}
