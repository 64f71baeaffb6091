import type { RequestListener } from 'node:http';
import express from 'express';
import helmet from 'helmet';
import type { ApiConfig } from '../config';
import type { Db } from '../db/connection';
import type { SecretCipher } from '../db/webhooks/secret-cipher';
import type { Stuck } from '../operations/stuck/case';
import type { Logger } from '../telemetry/logger';
import type { BookingWorkflows } from '../temporal/clients/bookings';
import type { OperatorActions } from '../temporal/clients/operator-actions';
import type { ScheduleChangeWorkflows } from '../temporal/clients/schedule-changes';
import { admit, createLimits } from './admission/admission';
import { giveWay } from './admission/give-way';
import type { WorkKind } from './admission/kinds';
import { measureAdmission } from './admission/metrics';
import { logRefusals } from './admission/refusal-log';
import { createReservationTurns } from './admission/turns';
import { amendmentRoutes } from './amendments/routes';
import { airportRoutes } from './airports/routes';
import { authenticate, authenticateIfGiven } from './auth';
import { jsonBody } from './body';
import { bookingRoutes } from './bookings/routes';
import { changeRoutes } from './changes/routes';
import { cachedByClients, notCached } from './caching';
import { allowOrigin } from './codec/cors';
import { codecRoutes, type CodecDependencies } from './codec/routes';
import { consoleRoutes } from './console/routes';
import { allowOrigins } from './cors';
import { flightRoutes } from './flights/routes';
import { seatStreamRoutes } from './flights/seat-stream';
import { sliceRoutes } from './flights/slice-routes';
import { requireKnownMethod } from './methods';
import { bookingOperationRoutes, operationRoutes } from './operations/routes';
import type { PaymentEventWorkflows } from './payment-events/payment-event-workflows';
import { paymentEventRoutes } from './payment-events/routes';
import { paymentRoutes } from './payments/routes';
import { problemHandler, routeNotFound } from './problem';
import { rateLimit } from './rate-limit';
import { accessLog, requestContext } from './request-context';
import { matchPath, type Mount } from './route-table';
import { flightOperationRoutes, scheduleChangeRoutes } from './schedule-changes/routes';
import { docsRoutes, openApiRoutes } from './system/docs';
import type { ApiMetrics } from './system/metrics';
import { healthRoutes, infoRoutes, closeWhenDraining, type HealthChecks } from './system/routes';
import type { AnnounceDeliveries } from './webhook-endpoints/announcements';
import { deliveryRoutes } from './webhook-endpoints/delivery-routes';
import { webhookEndpointRoutes } from './webhook-endpoints/routes';
import { stripeRoutes } from './webhooks/stripe';

export interface AppDependencies extends HealthChecks, CodecDependencies {
  config: CodecDependencies['config'] &
    Pick<
      ApiConfig,
      | 'paymentEventsSecrets'
      | 'stripeWebhookSecrets'
      | 'rateLimitPerMinute'
      | 'trustedProxies'
      | 'corsOrigins'
      | 'webhooks'
    > & { metrics: Pick<ApiConfig['metrics'], 'onPublicPort'> };
  /** For searches and seat maps: however many there are, bookings have connections of their own. */
  searchDb: Db;
  /** For counting requests, which must not wait for other work, nor delay it. */
  counterDb: Db;
  metrics: ApiMetrics;
  workflows: BookingWorkflows;
  scheduleChanges: ScheduleChangeWorkflows;
  operatorActions: OperatorActions;
  /** Finds what makes no progress. */
  findStuck: () => Promise<Stuck[]>;
  temporalNamespace: string;
  paymentEvents: PaymentEventWorkflows;
  webhookSecrets: SecretCipher;
  announceDeliveries: AnnounceDeliveries;
  /** Of the built console; there may be none. */
  consoleFolder: string;
  logger: Logger;
}

/**
 * Assembles the HTTP API. Routes for anyone come first; routes for bookings require a token. What is
 * more than the process can do at once is refused before Express sees it.
 */
export function createApp(deps: AppDependencies): RequestListener {
  const { config, logger, db, searchDb, counterDb, paymentEvents, metrics } = deps;
  const requireToken = authenticate(config.auth);
  const limit = rateLimit(counterDb, config.rateLimitPerMinute);
  const limits = createLimits();
  const reservations = createReservationTurns();
  const browsing = [
    authenticateIfGiven(requireToken),
    limit,
    cachedByClients(SEARCH_CACHED_SECONDS),
    giveWay(reservations),
  ];
  const mounts: Mount[] = [
    {
      at: '/',
      routers: [healthRoutes(deps), ...(config.metrics.onPublicPort ? [metrics.routes] : [])],
    },
    { at: '/docs', routers: [docsRoutes()] },
    { at: '/console', routers: [consoleRoutes(deps.consoleFolder)] },
    { at: '/codec', routers: [codecRoutes(deps)] },
    { at: '/api/v1/info', routers: [infoRoutes()] },
    { at: '/api/v1', routers: [openApiRoutes()] },
    { at: '/api/v1/airports', guards: browsing, routers: [airportRoutes(searchDb)] },
    // Before the rest of what is open to anyone: these routes have guards of their own.
    {
      at: '/api/v1/flights',
      routers: [flightOperationRoutes(deps, [requireToken, limit, jsonBody])],
    },
    {
      at: '/api/v1/flights',
      routers: [seatStreamRoutes(deps, [authenticateIfGiven(requireToken), limit])],
    },
    { at: '/api/v1/flights', guards: browsing, routers: [flightRoutes(searchDb)] },
    { at: '/api/v1/slices', guards: browsing, routers: [sliceRoutes(searchDb)] },
    {
      at: '/api/v1/bookings',
      guards: [requireToken, limit, jsonBody],
      // Payments come before the bookings by ID: "payments" is not an ID.
      routers: [
        paymentRoutes(deps),
        bookingRoutes({ ...deps, reservations }),
        changeRoutes(deps),
        amendmentRoutes(deps),
        bookingOperationRoutes(deps),
      ],
    },
    {
      at: '/api/v1/operations',
      guards: [requireToken, limit],
      routers: [operationRoutes(db, { ...deps, temporalUiUrl: config.temporalUiUrl })],
    },
    {
      at: '/api/v1/schedule-changes',
      guards: [requireToken, limit],
      routers: [scheduleChangeRoutes(deps)],
    },
    {
      at: '/api/v1/webhook-endpoints',
      guards: [requireToken, limit, jsonBody],
      routers: [
        webhookEndpointRoutes({ ...deps, urlRules: config.webhooks }),
        deliveryRoutes(deps),
      ],
    },
    // The sender is identified by its signature. A limit would only delay what must arrive.
    {
      at: '/api/v1/payment-events',
      routers: [
        paymentEventRoutes({
          db,
          paymentEvents,
          secrets: config.paymentEventsSecrets,
          count: metrics.countPaymentEvent,
        }),
      ],
    },
    {
      at: '/api/v1/webhooks/stripe',
      routers: [stripeRoutes({ paymentEvents, secrets: config.stripeWebhookSecrets })],
    },
  ];

  const countRefusal = measureAdmission(metrics.registry, limits, reservations);
  const logRefusal = logRefusals(logger);
  const crossOrigin = allowOrigins(config.corsOrigins);
  const onRefused = (kind: WorkKind) => {
    countRefusal(kind);
    logRefusal(kind);
  };

  const app = express();
  app.set('trust proxy', config.trustedProxies);
  app.use(requestContext, accessLog(logger), metrics.measure, helmet(SECURITY_HEADERS));
  app.use(closeWhenDraining(deps), notCached, matchPath(mounts));
  app.use('/api/v1', crossOrigin);
  app.use('/codec', allowOrigin(config.temporalUiUrl));
  app.use(requireKnownMethod);
  for (const { at, guards = [], routers } of mounts) app.use(at, ...guards, ...routers);
  app.use(routeNotFound);
  app.use(problemHandler(logger));
  return admit(app, { limits, onRefused, crossOrigin });
}

/**
 * Seats and prices change every second, but a page that is shown again need not be fetched again at
 * once.
 */
const SEARCH_CACHED_SECONDS = 10;

/** Helmet's defaults, without those that send a browser on plain HTTP, as on a laptop, to HTTPS. */
const SECURITY_HEADERS = {
  contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } },
};
