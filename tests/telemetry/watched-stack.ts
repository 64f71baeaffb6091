import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../../scripts/stack/ports';
import { waitUntil } from '../../src/cli/wait';
import { clientOf } from '../api/client';
import { startInProduction } from '../production/process';
import { AUTH, tokenOf } from '../support/api';
import { createTestDatabase } from '../support/database';
import { TEST_KEY } from '../support/encryption';
import { devServerEnvironment } from '../support/temporal';
import { workflowBundle } from '../support/workflow-bundle';
import { PATIENCE_MS } from '../support/patience';

/**
 * Everything as processes of their own, with every metrics endpoint open, as Prometheus finds them,
 * and with what else they are told.
 */
export async function openWatchedStack(told: Record<string, string> = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-metrics-'));
  const [{ codePath }, env, database] = await Promise.all([
    workflowBundle(),
    devServerEnvironment(),
    createTestDatabase(),
  ]);
  const [apiPort, apiMetricsPort, workerPort, temporalPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const shared = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: env.address,
    LOG_DIR: folder,
    PAYLOAD_ENCRYPTION_KEYS: TEST_KEY,
    PAYMENT_PROVIDER: 'sandbox',
    ALLOW_SANDBOX_IN_PRODUCTION: 'true',
    ...told,
  };
  const start = (name: 'api' | 'worker', settings: Record<string, string>) =>
    startInProduction(process.execPath, ['--import', 'tsx', `src/${name}/main.ts`], {
      ...shared,
      ...settings,
    });
  const programs = [
    start('worker', {
      WORKFLOW_BUNDLE: codePath,
      METRICS_PORT: String(workerPort),
      TEMPORAL_METRICS_PORT: String(temporalPort),
    }),
    start('api', {
      PORT: String(apiPort),
      METRICS_PORT: String(apiMetricsPort),
      AUTH_JWT_SECRET: AUTH.secret,
      AUTH_ISSUER: AUTH.issuer,
      AUTH_AUDIENCE: AUTH.audience,
    }),
  ];

  const url = (port: number) => `http://127.0.0.1:${port}`;
  const endpoints = { api: apiMetricsPort, worker: workerPort, temporal: temporalPort };
  const scrape = async (endpoint: keyof typeof endpoints): Promise<string> => {
    const response = await fetch(`${url(endpoints[endpoint])}/metrics`);
    expect(response.status).toBe(200);
    return response.text();
  };
  const untilServed = async (what: string, ask: () => Promise<unknown>) => {
    const isServed = () =>
      ask().then(
        () => true,
        () => false,
      );
    await waitUntil(isServed, { timeoutMs: PATIENCE_MS, onTimeout: () => new Error(`No ${what}`) });
  };
  for (const endpoint of ['api', 'worker', 'temporal'] as const)
    await untilServed(`metrics of the ${endpoint}`, () => scrape(endpoint));
  await untilServed('API', () => fetch(`${url(apiPort)}/livez`));

  /** Tells the processes to end, and waits until they have; answers their exit codes. */
  const stop = async () => {
    const endings = await Promise.all(programs.map((program) => program.stop()));
    return endings.map(({ exitCode }) => exitCode);
  };

  return {
    db: database.knex,
    temporal: env.client,
    scrape,
    stop,
    /** What one of the processes has logged so far, line by line. */
    logOf: (name: 'api' | 'worker') =>
      readFileSync(path.join(folder, `${name}.log`), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    /** Starts a worker whose port for metrics is taken by the other one; returns how it ended. */
    startWorkerWithTakenPort: (variable: 'METRICS_PORT' | 'TEMPORAL_METRICS_PORT') =>
      start('worker', { WORKFLOW_BUNDLE: codePath, [variable]: String(workerPort) }).ending,
    customer: async (sub: string) => clientOf(url(apiPort), await tokenOf({ sub })),
    async close(): Promise<void> {
      const exitCodes = await stop();
      await env.teardown();
      await database.drop();
      rmSync(folder, { recursive: true });
      expect(exitCodes).toEqual([0, 0]);
    },
  };
}

export type WatchedStack = Awaited<ReturnType<typeof openWatchedStack>>;
