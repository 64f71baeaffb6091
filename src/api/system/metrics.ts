import { Router, type RequestHandler } from 'express';
import { Histogram, type Registry } from 'prom-client';
import type { Db } from '../../db/connection';
import { measureScheduleReach } from '../../telemetry/metrics/flight-schedule';
import { measureOpenBusiness } from '../../telemetry/metrics/open-business';
import { measureTableSizes } from '../../telemetry/metrics/table-sizes';
import { createProcessMetrics } from '../../telemetry/metrics/process';
import { measureWebhookStanding } from '../../telemetry/metrics/webhook-standing';
import { whenAnswered } from '../answered';
import { countPaymentEvents, type EventCounter } from '../payment-events/metrics';
import { methodOf, routeOf } from '../route-table';

/** From a cached read to a payment that waits ten seconds for its provider. */
const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

/** The API's metrics, and the route that shows them. */
export interface ApiMetrics {
  registry: Registry;
  measure: RequestHandler;
  routes: Router;
  countPaymentEvent: EventCounter;
}

/**
 * Creates the API's metrics. One middleware measures each request. One router shows all metrics in
 * Prometheus text, with what is open in the books.
 *
 * Labels come from small sets: route patterns, statuses, states. A client can't invent any.
 */
export function createMetrics(db: Db, ...otherPools: Db[]): ApiMetrics {
  const registry = createProcessMetrics(db, ...otherPools);
  measureOpenBusiness(registry, db);
  measureScheduleReach(registry, db);
  measureTableSizes(registry, db);
  measureWebhookStanding(registry, db);
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Response time, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  const routes = Router();
  routes.get('/metrics', async (_req, res) => {
    res.type(registry.contentType).send(await registry.metrics());
  });
  return {
    registry,
    countPaymentEvent: countPaymentEvents(registry),
    measure: (req, res, next) => {
      const stop = requests.startTimer();
      whenAnswered(res, () => {
        stop({ method: methodOf(req), route: routeOf(req), status: String(res.statusCode) });
      });
      next();
    },
    routes,
  };
}
