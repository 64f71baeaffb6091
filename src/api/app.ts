import express, { type Express } from 'express';
import helmet from 'helmet';
import swaggerUi from 'swagger-ui-express';
import type { ApiConfig } from '../config';
import type { Logger } from '../logger';
import { authenticate } from './auth';
import { jsonBody } from './body';
import { bookingRoutes } from './bookings/routes';
import type { BookingWorkflows } from './bookings/workflow';
import { codecRoutes, type CodecDependencies } from './codec/routes';
import { flightRoutes } from './flights/routes';
import { openApiDocument } from './openapi';
import type { PaymentNews } from './payment-events/news';
import { paymentEventRoutes } from './payment-events/routes';
import { paymentRoutes } from './payments/routes';
import { problemHandler, routeNotFound } from './problem';
import { rateLimit } from './rate-limit';
import { accessLog, requestContext } from './request-context';
import { createMetrics } from './system/metrics';
import { stripeRoutes } from './webhooks/stripe';
import { healthRoutes, infoRoutes, partWhenDraining, type HealthChecks } from './system/routes';

export interface AppDependencies extends HealthChecks, CodecDependencies {
  config: CodecDependencies['config'] &
    Pick<
      ApiConfig,
      'paymentEventsSecrets' | 'stripeWebhookSecrets' | 'rateLimitPerMinute' | 'trustedProxies'
    >;
  workflows: BookingWorkflows;
  news: PaymentNews;
  logger: Logger;
}

/** Puts the HTTP API together. What is open to anyone comes first; whoever asks for bookings must say who they are. */
export function createApp(deps: AppDependencies): Express {
  const { config, logger, db, news } = deps;
  const metrics = createMetrics(db);
  const document = openApiDocument();
  const app = express();
  app.set('trust proxy', config.trustedProxies);

  app.use(requestContext, accessLog(logger), metrics.measure, helmet(SECURITY_HEADERS));
  app.use(partWhenDraining(deps));
  app.use(healthRoutes(deps));
  app.get('/metrics', metrics.show);
  app.use(
    '/docs',
    swaggerUi.serve,
    // Without a validator of its own it would send the document to one on the internet.
    swaggerUi.setup(null, { swaggerOptions: { url: '/api/v1/openapi.json', validatorUrl: null } }),
  );

  app.use('/codec', codecRoutes(deps));

  app.use('/api/v1/info', infoRoutes());
  app.get('/api/v1/openapi.json', (_req, res) => {
    res.json(document);
  });
  const limit = rateLimit(config.rateLimitPerMinute);
  app.use('/api/v1/flights', limit, flightRoutes(db));
  app.use(
    '/api/v1/bookings',
    authenticate(config.auth),
    limit,
    jsonBody,
    // Before the bookings by ID: "payments" is not an ID.
    paymentRoutes(deps),
    bookingRoutes(deps),
  );
  // Whoever signs is known by that: a limit would only delay what must arrive.
  app.use(
    '/api/v1/payment-events',
    paymentEventRoutes({
      db,
      news,
      secrets: config.paymentEventsSecrets,
      count: metrics.countPaymentEvent,
    }),
  );
  app.use('/api/v1/webhooks/stripe', stripeRoutes({ news, secrets: config.stripeWebhookSecrets }));

  app.use(routeNotFound);
  app.use(problemHandler(logger));
  return app;
}

/** Helmet's defaults, but for what would send a browser on plain HTTP, as on a laptop, to HTTPS. */
const SECURITY_HEADERS = {
  contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } },
};
