import { Router } from 'express';
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

const Check = z.enum(['ok', 'unavailable']);

export const Health = z
  .object({ status: Check, checks: z.object({ postgres: Check, temporal: Check }) })
  .meta({ id: 'Health' });

export interface HealthChecks {
  db: Db;
  isTemporalReachable: () => Promise<boolean>;
  /** True once this process has been told to end: it finishes what it has, and wants nothing new. */
  isDraining: () => boolean;
}

/** The health check of old: the process answers. */
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

/** For whoever runs us: is the process up, and can it do its work? */
export function healthRoutes({ db, isTemporalReachable, isDraining }: HealthChecks): Router {
  const routes = Router();
  routes.get('/livez', (_req, res) => {
    res.json({ status: 'ok' });
  });
  routes.get('/readyz', async (_req, res) => {
    const [postgres, temporal] = await Promise.all([isReachable(db), isTemporalReachable()]);
    const isReady = postgres && temporal && !isDraining();
    const word = (reachable: boolean) => (reachable ? 'ok' : 'unavailable');
    res.status(isReady ? 200 : 503).json({
      status: word(isReady),
      checks: { postgres: word(postgres), temporal: word(temporal) },
    } satisfies z.infer<typeof Health>);
  });
  return routes;
}
