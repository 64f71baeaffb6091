import { Gauge, type Registry } from 'prom-client';
import { readTableSizes } from '../../db/audit/table-sizes-view';
import type { Db } from '../../db/connection';
import { keptFor } from './kept-for';

/** Tables grow by the day. */
const KEPT_MS = 60_000;

/** Shows how large each table is. Left out while PostgreSQL is unavailable. */
export function measureTableSizes(registry: Registry, db: Db): void {
  const read = keptFor(KEPT_MS, () => readTableSizes(db).catch(() => []));
  new Gauge({
    name: 'database_table_bytes',
    help: 'Size of each table of ours, with its indexes.',
    labelNames: ['table'],
    registers: [registry],
    async collect() {
      this.reset();
      for (const { table, bytes } of await read()) this.set({ table }, bytes);
    },
  });
}
