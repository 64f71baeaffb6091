import type { ApiConfig } from '../config';
import type { Db } from '../db/connection';
import type { SecretCipher } from '../db/webhooks/secret-cipher';
import type { Stuck } from '../operations/stuck/case';
import type { Logger } from '../telemetry/logger';
import type { BookingWorkflows } from '../temporal/clients/bookings';
import type { OperatorActions } from '../temporal/clients/operator-actions';
import type { ScheduleChangeWorkflows } from '../temporal/clients/schedule-changes';
import { giveWay } from './admission/give-way';
import type { Turns } from './admission/turns';
import { airportRoutes } from './airports/routes';
import { amendmentRoutes } from './amendments/routes';
import { authenticate, authenticateIfGiven } from './auth';
import { jsonBody } from './body';
import { bookingRoutes } from './bookings/routes';
import { cachedByClients } from './caching';
import { changeRoutes } from './changes/routes';
import { codecRoutes, type CodecDependencies } from './codec/routes';
import { consoleRoutes } from './console/routes';
import { flightRoutes } from './flights/routes';
import { seatStreamRoutes } from './flights/seat-stream';
import { sliceRoutes } from './flights/slice-routes';
import { bookingOperationRoutes, operationRoutes } from './operations/routes';
import type { PaymentEventWorkflows } from './payment-events/payment-event-workflows';
import { paymentEventRoutes } from './payment-events/routes';
import { paymentRoutes } from './payments/routes';
import { rateLimit } from './rate-limit';
import type { Mount } from './route-table';
import { flightOperationRoutes, scheduleChangeRoutes } from './schedule-changes/routes';
import { docsRoutes, openApiRoutes } from './system/docs';
import type { ApiMetrics } from './system/metrics';
import { healthRoutes, infoRoutes, type HealthChecks } from './system/routes';
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
 * Returns all routes of the API, and what guards them. Those for anyone come first; those for
 * bookings require a token.
 */
export function mountsOf(deps: AppDependencies, reservations: Turns): Mount[] {
  const { config, db, searchDb, counterDb, paymentEvents, metrics } = deps;
  const requireToken = authenticate(config.auth);
  const limit = rateLimit(counterDb, config.rateLimitPerMinute);
  const browsing = [
    authenticateIfGiven(requireToken),
    limit,
    cachedByClients(SEARCH_CACHED_SECONDS),
    giveWay(reservations),
  ];
  return [
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
}

/**
 * Seats and prices change every second, but a page that is shown again need not be fetched again at
 * once.
 */
const SEARCH_CACHED_SECONDS = 10;
