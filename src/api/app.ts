import type { RequestListener } from 'node:http';
import express from 'express';
import helmet from 'helmet';
import { admit, createLimits } from './admission/admission';
import type { WorkKind } from './admission/kinds';
import { measureAdmission } from './admission/metrics';
import { logRefusals } from './admission/refusal-log';
import { createReservationTurns } from './admission/turns';
import { notCached } from './caching';
import { allowOrigin } from './codec/cors';
import { allowOrigins } from './cors';
import { requireKnownMethod } from './methods';
import { mountsOf, type AppDependencies } from './mounts';
import { problemHandler, routeNotFound } from './problem';
import { accessLog, requestContext } from './request-context';
import { matchPath } from './route-table';
import { closeWhenDraining } from './system/routes';

/**
 * Assembles the HTTP API. What is more than the process can do at once is refused before Express
 * sees it.
 */
export function createApp(deps: AppDependencies): RequestListener {
  const { config, logger, metrics } = deps;
  const limits = createLimits();
  const reservations = createReservationTurns();
  const mounts = mountsOf(deps, reservations);

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

/** Helmet's defaults, without those that send a browser on plain HTTP, as on a laptop, to HTTPS. */
const SECURITY_HEADERS = {
  contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } },
};
