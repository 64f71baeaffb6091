import type { RequestHandler } from 'express';
import { Histogram } from 'prom-client';
import type { Db } from '../../db/connection';
import { measureOpenBusiness } from '../../metrics/open-business';
import { createProcessMetrics } from '../../metrics/process';
import { countPaymentEvents, type EventCounter } from '../payment-events/metrics';
import { routeOf } from '../request-context';

/** From a cached read to a payment that waits ten seconds for its provider. */
const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15];

/**
 * The API's metrics: one middleware that measures each request, and a route that shows all in Prometheus text, with what is open in the books.
 *
 * Labels come from small sets: route patterns, statuses, states; nothing that a client could make up.
 */
export function createMetrics(db: Db): {
  measure: RequestHandler;
  show: RequestHandler;
  countPaymentEvent: EventCounter;
} {
  const registry = createProcessMetrics(db);
  measureOpenBusiness(registry, db);
  const requests = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_SECONDS,
    registers: [registry],
  });
  return {
    countPaymentEvent: countPaymentEvents(registry),
    measure: (req, res, next) => {
      const stop = requests.startTimer();
      res.on('finish', () => {
        stop({ method: req.method, route: routeOf(req), status: String(res.statusCode) });
      });
      next();
    },
    show: async (_req, res) => {
      res.type(registry.contentType).send(await registry.metrics());
    },
  };
}
