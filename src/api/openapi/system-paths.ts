import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { Health, HealthQuery, Info } from '../system/routes';
import { VERSION } from '../version';
import { json, open } from './operation';

const Liveness = z.object({ status: z.literal('ok') }).meta({ id: 'Liveness' });

/** Operations for those who run the system. */
export const SYSTEM_PATHS: ZodOpenApiPathsObject = {
  '/api/v1/info': {
    get: open({
      tag: 'System',
      operationId: 'getInfo',
      summary: 'Health check',
      description: 'Returns the version of the API, and its time.',
      instance: '/api/v1/info',
      good: {
        200: json('It answers.', Info, {
          name: 'flight-bookings',
          version: VERSION,
          apiVersion: 'v1',
          status: 'ok',
          time: '2026-11-26T10:15:00.000Z',
        }),
      },
    }),
  },
  '/livez': {
    get: open({
      tag: 'System',
      operationId: 'getLiveness',
      summary: 'The process is up',
      description: 'For a supervisor that restarts processes. It depends on no other system.',
      instance: '/livez',
      good: { 200: json('It is up.', Liveness, { status: 'ok' }) },
    }),
  },
  '/readyz': {
    get: open(
      {
        tag: 'System',
        operationId: 'getReadiness',
        summary: 'PostgreSQL and Temporal are reachable',
        description: 'For a balancer: whether this process should get requests now.',
        instance: '/readyz',
        good: {
          200: json('It is ready.', Health, {
            status: 'ok',
            checks: { postgres: 'ok', temporal: 'ok' },
          }),
          503: json('Not now.', Health, {
            status: 'unavailable',
            checks: { postgres: 'ok', temporal: 'unavailable' },
          }),
        },
      },
      { requestParams: { query: HealthQuery } },
    ),
  },
};
