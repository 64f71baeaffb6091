import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { readPoolUse } from '../../db/audit/pool-view';
import type { Db } from '../../db/connection';

/**
 * Far below the lag that matters, a fifth of a second. Each sample wakes the process: at the
 * library's 10 ms, that alone takes half a percent of a core.
 */
const EVENT_LOOP_SAMPLE_MS = 50;

/**
 * Creates a registry with the metrics of every process: CPU, memory, event loop, and its
 * connections to PostgreSQL, of all its pools together.
 */
export function createProcessMetrics(...pools: [Db, ...Db[]]): Registry {
  const registry = new Registry();
  collectDefaultMetrics({
    register: registry,
    eventLoopMonitoringPrecision: EVENT_LOOP_SAMPLE_MS,
  });
  new Gauge({
    name: 'database_pool_connections',
    help: 'Connections to PostgreSQL, and requests that wait for one, by state.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.reset();
      for (const pool of pools)
        for (const [state, count] of Object.entries({ ...readPoolUse(pool) }))
          this.inc({ state }, count);
    },
  });
  return registry;
}
