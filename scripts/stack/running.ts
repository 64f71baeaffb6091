import { createHmac } from 'node:crypto';
import path from 'node:path';
import type { ProcessUrls } from '../../src/db/prepare';
import type { DevEnv } from './dev-env';
import type { MailboxPorts } from './mailbox/mailbox';
import { clusterUrl, DATABASE } from './postgres-cluster';
import { openSecrets, type Secrets } from './secrets';
import type { Settings } from './settings';

/** A stack that runs, or is about to: what its settings and secrets come down to. */
export interface Running {
  settings: Settings;
  /** As the owner of the tables. */
  databaseUrl: string;
  /** As each process is there; undefined where it signs in as the owner. */
  processUrls: ProcessUrls;
  temporalAddress: string;
  temporalUiUrl: string | undefined;
  /** What tokens are signed with; undefined when they come from an issuer with published keys. */
  secret: string | undefined;
  secrets: Secrets;
  /** Undefined where mails go to a server that was set. */
  mailbox: MailboxPorts | undefined;
  /** Where the stack's own address of the console is, once it is open. */
  console: { at: number | undefined };
  /** The workflows as one file, which the worker loads. */
  workflowBundle: string;
}

/**
 * Puts together what was set, what is kept and what follows from it. Makes the secrets at the first
 * start.
 */
export function planStack(settings: Settings, mailbox?: MailboxPorts): Running {
  const secrets = openSecrets(settings);
  const { jwksUrl, givenSecrets, postgresPort, temporalPort, temporalUiPort } = settings;
  const ownTemporal = settings.temporalAddress === undefined;
  const temporalUiUrl =
    settings.temporalUiUrl ?? (ownTemporal ? `http://127.0.0.1:${temporalUiPort}` : undefined);
  return {
    settings,
    secrets,
    mailbox,
    console: { at: undefined },
    temporalUiUrl,
    databaseUrl:
      settings.databaseUrl ?? clusterUrl(postgresPort, secrets.postgresPassword, DATABASE),
    processUrls: processUrlsOf(settings, secrets),
    temporalAddress: settings.temporalAddress ?? `127.0.0.1:${temporalPort}`,
    workflowBundle: settings.workflowBundle ?? path.join(settings.dataDir, 'workflow-bundle.js'),
    secret: jwksUrl === undefined ? secrets.authJwtSecret : givenSecrets.authJwtSecret,
  };
}

/** Those that are set, else users of the stack's own PostgreSQL; none in one that is given. */
function processUrlsOf(
  { databaseUrl, postgresPort, processUrls: given }: Settings,
  { postgresPassword }: Secrets,
): ProcessUrls {
  const ownUrl = (user: string) => {
    if (databaseUrl !== undefined) return undefined;
    // Whoever knows a user's password can't find the owner's by it.
    const password = createHmac('sha256', postgresPassword).update(user).digest('hex');
    const url = new URL(clusterUrl(postgresPort, password, DATABASE));
    return Object.assign(url, { username: user }).href;
  };
  return {
    api: given.api ?? ownUrl('api'),
    worker: given.worker ?? ownUrl('worker'),
    sandbox: given.sandbox ?? ownUrl('sandbox'),
  };
}

/** The environment of the API or a worker: everything that was set, and what the stack adds. */
export function childEnvironment(
  kind: 'api' | 'worker',
  running: Running,
  inherited: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const { settings, secrets } = running;
  return {
    ...inherited,
    ...devEnv(running),
    ...databaseVariables(kind, running),
    ...mailVariables(running, inherited),
    NODE_ENV: 'development',
    PORT: String(settings.port),
    DATA_DIR: settings.dataDir,
    TEMPORAL_NAMESPACE: settings.temporalNamespace,
    TEMPORAL_TASK_QUEUE: settings.taskQueue,
    WORKFLOW_BUNDLE: running.workflowBundle,
    PAYLOAD_ENCRYPTION_KEYS: secrets.payloadEncryptionKeys,
  };
}

/** Mails of the local stack come from here, unless something else is set. */
const MAIL_FROM = 'Flight Bookings <bookings@airline.example>';

function mailVariables(
  { mailbox }: Running,
  { MAIL_FROM: given = '' }: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const smtpUrl = mailbox && `smtp://127.0.0.1:${mailbox.smtp}`;
  return { ...(smtpUrl && { SMTP_URL: smtpUrl }), MAIL_FROM: given === '' ? MAIL_FROM : given };
}

/** What may say where PostgreSQL is, and as whom. */
const DATABASE_VARIABLES = ['', 'SANDBOX_', 'API_', 'WORKER_'].flatMap((process) =>
  ['', '_FILE'].map((suffix) => `${process}DATABASE_URL${suffix}`),
);

/** A process is told of its own users alone. */
function databaseVariables(
  kind: 'api' | 'worker',
  { databaseUrl, processUrls }: Running,
): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(DATABASE_VARIABLES.map((name) => [name, undefined])),
    DATABASE_URL: processUrls[kind] ?? databaseUrl,
    SANDBOX_DATABASE_URL: kind === 'worker' ? (processUrls.sandbox ?? databaseUrl) : undefined,
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
