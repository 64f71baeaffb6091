import { Gauge, type Registry } from 'prom-client';
import type { Db } from '../../db/connection';
import { readWebhookStanding } from '../../db/webhooks/standing-view';
import { keptFor } from './kept-for';

/** Shortest interval between two reads of PostgreSQL, however many scrapes there are. */
const KEPT_MS = 10_000;

/**
 * Gauges of webhook endpoints, and of events that wait for them. Left out while PostgreSQL is
 * unavailable.
 */
export function measureWebhookStanding(registry: Registry, db: Db): void {
  const read = keptFor(KEPT_MS, () => readWebhookStanding(db).catch(() => undefined));
  const registers = [registry];
  new Gauge({
    name: 'webhook_endpoints',
    help: 'Enabled ones, those of them whose latest attempts failed, and those disabled for it.',
    labelNames: ['state'],
    registers,
    async collect() {
      this.reset();
      const standing = await read();
      if (standing === undefined) return;
      this.set({ state: 'enabled' }, standing.enabled);
      this.set({ state: 'failing' }, standing.failing);
      this.set({ state: 'disabled_as_failing' }, standing.disabledAsFailing);
    },
  });
  new Gauge({
    name: 'outgoing_events_waiting',
    help: 'Events that were not taken for webhook endpoints yet.',
    registers,
    async collect() {
      this.reset();
      const standing = await read();
      if (standing !== undefined) this.set(standing.eventsWaiting);
    },
  });
  new Gauge({
    name: 'outgoing_events_oldest_seconds',
    help: 'Age of the oldest of these; 0 without one.',
    registers,
    async collect() {
      this.reset();
      const standing = await read();
      if (standing !== undefined) this.set(standing.oldestEventSeconds);
    },
  });
}
