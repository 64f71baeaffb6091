import { Router, type RequestHandler } from 'express';
import { z } from 'zod';
import { isReachable, type Db } from '../../db/connection';
import { Instant } from '../schemas';
import { NAME, VERSION } from '../version';

export const Info = z
  .object({
    name: z.string(),
    version: z.string(),
    apiVersion: z.literal('v1'),
    status: z.literal('ok'),
    time: Instant,
  })
  .meta({ id: 'Info' });

const Check = z.enum(['ok', 'unavailable']).meta({ id: 'CheckResult' });

export const Health = z
  .object({ status: Check, checks: z.object({ postgres: Check, temporal: Check }).partial() })
  .meta({ id: 'Health' });

export const HealthQuery = z.object({
  exclude: z
    .array(z.string())
    .optional()
    .meta({
      description:
        'What not to judge by, `postgres` or `temporal`; may be repeated. Anything else has no ' +
        'effect: a wrong word must not take a process out of service.',
    }),
});

export interface HealthChecks {
  db: Db;
  isTemporalReachable: () => Promise<boolean>;
  /**
   * Aborted once this process was told to stop: it finishes requests under way, and should get no
   * new ones.
   */
  stopping: AbortSignal;
}

/** The original health check: the process responds. */
export function infoRoutes(): Router {
  const routes = Router();
  routes.get('/', (_req, res) => {
    const info: z.infer<typeof Info> = {
      name: NAME,
      version: VERSION,
      apiVersion: 'v1',
      status: 'ok',
      time: new Date().toISOString(),
    };
    res.json(info);
  });
  return routes;
}

/**
 * Liveness and readiness checks.
 *
 * `/readyz?exclude=temporal&exclude=postgres` leaves out what a load balancer must not judge by.
 * Without Temporal an API still searches, reads and repeats responses; and if all processes lack
 * it, none is better. What remains is whether this process takes requests at all.
 */
export function healthRoutes({ db, isTemporalReachable, stopping }: HealthChecks): Router {
  const routes = Router();
  routes.get('/livez', (_req, res) => {
    res.json({ status: 'ok' });
  });
  routes.get('/readyz', async (req, res) => {
    const excluded = [req.query.exclude].flat();
    const checks = await Promise.all(
      Object.entries({ postgres: () => isReachable(db), temporal: isTemporalReachable })
        .filter(([name]) => !excluded.includes(name))
        .map(async ([name, check]) => [name, toCheck(await check())] as const),
    );
    const isReady = checks.every(([, word]) => word === 'ok') && !stopping.aborted;
    res.status(isReady ? 200 : 503).json({
      status: toCheck(isReady),
      checks: Object.fromEntries(checks),
    } satisfies z.infer<typeof Health>);
  });
  return routes;
}

function toCheck(isOk: boolean): z.infer<typeof Check> {
  return isOk ? 'ok' : 'unavailable';
}

/**
 * Asks clients of a draining process to reconnect for their next request, before the connection is
 * closed.
 */
export function closeWhenDraining({ stopping }: Pick<HealthChecks, 'stopping'>): RequestHandler {
  return (_req, res, next) => {
    if (stopping.aborted) res.set('Connection', 'close');
    next();
  };
}
