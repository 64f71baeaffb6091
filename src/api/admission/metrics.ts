import { Counter, Gauge, type Registry } from 'prom-client';
import type { Limits } from './admission';
import { WORK_KINDS, type WorkKind } from './kinds';
import type { Turns } from './turns';

/**
 * Shows what is in flight by kind of work, its limit, how many reservations wait for their turn, and
 * how many requests were refused. Returns what to call for each refusal.
 */
export function measureAdmission(
  registry: Registry,
  limits: Limits,
  reservations: Turns,
): (kind: WorkKind) => void {
  const settings = { labelNames: ['kind'], registers: [registry] };
  new Gauge({
    ...settings,
    name: 'http_requests_in_flight',
    help: 'Requests under way, by kind of work; those with one key count once.',
    collect() {
      for (const kind of WORK_KINDS) this.set({ kind }, limits[kind].state.inFlight);
    },
  });
  new Gauge({
    ...settings,
    name: 'http_requests_in_flight_limit',
    help: 'How many requests of a kind may be under way; past it they are refused.',
    collect() {
      for (const kind of WORK_KINDS) this.set({ kind }, limits[kind].state.limit);
    },
  });
  new Gauge({
    registers: [registry],
    name: 'reservations_waiting',
    help: 'Creates under way whose turn at Temporal has not come: nothing of them has begun.',
    collect() {
      this.set(reservations.waiting);
    },
  });
  const refused = new Counter({
    ...settings,
    name: 'http_requests_refused_total',
    help: 'Requests refused with 503 because too many of their kind were under way.',
  });
  for (const kind of WORK_KINDS) refused.inc({ kind }, 0);
  return (kind) => {
    refused.inc({ kind });
  };
}
