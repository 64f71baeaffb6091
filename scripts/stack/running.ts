import path from 'node:path';
import { clusterUrl, DATABASE } from './postgres-cluster';
import type { DevEnv } from './dev-env';
import { openSecrets, type Secrets } from './secrets';
import type { Settings } from './settings';

/** A stack that runs, or is about to: what its settings and secrets come down to. */
export interface Running {
  settings: Settings;
  databaseUrl: string;
  temporalAddress: string;
  temporalUiUrl: string | undefined;
  /** What tokens are signed with; undefined when they come from an issuer with published keys. */
  secret: string | undefined;
  secrets: Secrets;
  /** The workflows as one file, which the worker loads. */
  workflowBundle: string;
}

/** Puts together what was set, what is kept and what follows from it. Makes the secrets at the first start. */
export function planStack(settings: Settings): Running {
  const secrets = openSecrets(settings);
  const { jwksUrl, givenSecrets, postgresPort, temporalPort, temporalUiPort } = settings;
  const ownTemporal = settings.temporalAddress === undefined;
  const temporalUiUrl =
    settings.temporalUiUrl ?? (ownTemporal ? `http://127.0.0.1:${temporalUiPort}` : undefined);
  return {
    settings,
    secrets,
    temporalUiUrl,
    databaseUrl:
      settings.databaseUrl ?? clusterUrl(postgresPort, secrets.postgresPassword, DATABASE),
    temporalAddress: settings.temporalAddress ?? `127.0.0.1:${temporalPort}`,
    workflowBundle: settings.workflowBundle ?? path.join(settings.dataDir, 'workflow-bundle.js'),
    secret: jwksUrl === undefined ? secrets.authJwtSecret : givenSecrets.authJwtSecret,
  };
}

/** The environment of the API and the worker: everything that was set, and what the stack adds. */
export function childEnvironment(
  running: Running,
  inherited: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const { settings, secrets } = running;
  return {
    ...inherited,
    ...devEnv(running),
    NODE_ENV: 'development',
    PORT: String(settings.port),
    DATA_DIR: settings.dataDir,
    TEMPORAL_NAMESPACE: settings.temporalNamespace,
    TEMPORAL_TASK_QUEUE: settings.taskQueue,
    WORKFLOW_BUNDLE: running.workflowBundle,
    PAYLOAD_ENCRYPTION_KEYS: secrets.payloadEncryptionKeys,
  };
}

export function devEnv({ settings, secrets, secret, ...running }: Running): DevEnv {
  return {
    API_URL: settings.apiUrl,
    DATABASE_URL: running.databaseUrl,
    TEMPORAL_ADDRESS: running.temporalAddress,
    TEMPORAL_UI_URL: running.temporalUiUrl,
    AUTH_JWT_SECRET: secret,
    AUTH_ISSUER: settings.issuer,
    AUTH_AUDIENCE: settings.audience,
    PAYMENT_EVENTS_SECRET: secrets.paymentEventsSecret,
  };
}
