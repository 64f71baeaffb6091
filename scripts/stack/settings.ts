import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { EncryptionKeys } from '../../src/config';
import { withSecretFiles } from '../../src/secret-files';
import { StackFailure } from './failure';

/** Where the clone lies. */
export const ROOT = path.resolve(__dirname, '../..');

const port = z.coerce.number().int().min(1).max(65_535);
const text = z.string().min(1);
const databaseUrl = z.url({ protocol: /^postgres(ql)?$/ }).optional();

const Environment = z.object({
  PORT: port.default(3000),
  POSTGRES_PORT: port.default(5433),
  TEMPORAL_PORT: port.default(7233),
  TEMPORAL_UI_PORT: port.default(8233),
  MAILBOX_PORT: port.optional(),
  CONSOLE_PORT: port.optional(),
  SMTP_URL: text.optional(),
  DATA_DIR: text.default('.data'),
  SCHEDULE_DAYS: z.coerce.number().int().min(1).max(330).default(14),
  PAYMENT_PROVIDER: text.default('sandbox'),
  DATABASE_URL: databaseUrl,
  API_DATABASE_URL: databaseUrl,
  WORKER_DATABASE_URL: databaseUrl,
  SANDBOX_DATABASE_URL: databaseUrl,
  TEMPORAL_ADDRESS: text.optional(),
  TEMPORAL_UI_URL: z.url().optional(),
  TEMPORAL_NAMESPACE: text.default('default'),
  TEMPORAL_TASK_QUEUE: text.default('bookings'),
  AUTH_JWT_SECRET: z.string().min(32).optional(),
  AUTH_JWKS_URL: z.url({ protocol: /^https?$/ }).optional(),
  AUTH_ISSUER: text.default('flight-bookings-dev'),
  AUTH_AUDIENCE: text.default('flight-bookings'),
  PAYMENT_EVENTS_SECRET: text.optional(),
  PAYLOAD_ENCRYPTION_KEYS: text.refine((keys) => EncryptionKeys.safeParse(keys).success).optional(),
  WORKFLOW_BUNDLE: text.optional(),
  WORKER_BUILD_ID: text.optional(),
  WORKER_DEPLOYMENT_NAME: text.default('flight-bookings'),
});

const DATABASE_URL = 'a URL like postgresql://user:password@host:5432/database';

const RULES: Partial<Record<keyof z.infer<typeof Environment>, string>> = {
  PORT: 'a port number from 1 to 65535',
  POSTGRES_PORT: 'a port number from 1 to 65535',
  TEMPORAL_PORT: 'a port number from 1 to 65535',
  TEMPORAL_UI_PORT: 'a port number from 1 to 65535',
  MAILBOX_PORT: 'a port number from 1 to 65535',
  CONSOLE_PORT: 'a port number from 1 to 65535',
  SCHEDULE_DAYS: 'a number of days from 1 to 330',
  DATABASE_URL,
  API_DATABASE_URL: DATABASE_URL,
  WORKER_DATABASE_URL: DATABASE_URL,
  SANDBOX_DATABASE_URL: DATABASE_URL,
  TEMPORAL_UI_URL: 'a URL',
  AUTH_JWKS_URL: 'a URL that begins with https://',
  AUTH_JWT_SECRET: 'text of at least 32 characters',
  PAYLOAD_ENCRYPTION_KEYS:
    'key IDs, each its own, with a colon and 32 bytes in base64, separated by commas',
};

/** A port that the stack listens on, what for, and which variable moves it. */
export interface StackPort {
  variable: string;
  port: number;
  purpose: string;
}

export type Settings = ReturnType<typeof readSettings>;

/**
 * What the local stack was told: its own settings; those of the API and the worker go through to
 * them untouched.
 *
 * @throws StackFailure naming every variable that can't be used, and what it must be.
 */
export function readSettings(source: NodeJS.ProcessEnv) {
  const given = withSecretFiles(source);
  const { data: env, error } = Environment.safeParse(given);
  if (error) throw new StackFailure(error.issues.map((issue) => fault(issue, given)).join('\n'));

  const ownPostgres = env.DATABASE_URL === undefined;
  const ownTemporal = env.TEMPORAL_ADDRESS === undefined;
  const ports: StackPort[] = [{ variable: 'PORT', port: env.PORT, purpose: 'the API' }];
  if (ownPostgres)
    ports.push({ variable: 'POSTGRES_PORT', port: env.POSTGRES_PORT, purpose: 'PostgreSQL' });
  if (ownTemporal) {
    ports.push(
      { variable: 'TEMPORAL_PORT', port: env.TEMPORAL_PORT, purpose: 'Temporal' },
      { variable: 'TEMPORAL_UI_PORT', port: env.TEMPORAL_UI_PORT, purpose: "Temporal's UI" },
    );
  }
  const ownMailbox = env.SMTP_URL === undefined;
  if (ownMailbox && env.MAILBOX_PORT !== undefined)
    ports.push({ variable: 'MAILBOX_PORT', port: env.MAILBOX_PORT, purpose: 'the mailbox' });
  if (env.CONSOLE_PORT !== undefined)
    ports.push({ variable: 'CONSOLE_PORT', port: env.CONSOLE_PORT, purpose: 'the console' });
  refuseDuplicates(ports);

  const dataDir = path.resolve(ROOT, env.DATA_DIR);
  return {
    /** All that was given, for Temporal's SDK, which has variables of its own. */
    variables: given,
    ports,
    port: env.PORT,
    postgresPort: env.POSTGRES_PORT,
    temporalPort: env.TEMPORAL_PORT,
    temporalUiPort: env.TEMPORAL_UI_PORT,
    /** Whether mails go to a mailbox of the stack's own. */
    ownMailbox,
    /** Of its page; any port will do if undefined. */
    mailboxPort: env.MAILBOX_PORT,
    /** Of the console's address; any port will do if undefined. */
    consolePort: env.CONSOLE_PORT,
    apiUrl: `http://127.0.0.1:${env.PORT}`,
    databaseUrl: env.DATABASE_URL,
    /** As whom each process signs in there. */
    processUrls: {
      api: env.API_DATABASE_URL,
      worker: env.WORKER_DATABASE_URL,
      sandbox: env.SANDBOX_DATABASE_URL,
    },
    temporalAddress: env.TEMPORAL_ADDRESS,
    temporalUiUrl: env.TEMPORAL_UI_URL,
    temporalNamespace: env.TEMPORAL_NAMESPACE,
    taskQueue: env.TEMPORAL_TASK_QUEUE,
    scheduleDays: env.SCHEDULE_DAYS,
    /** Whether there are flights to be tried out: where no real provider is. */
    hasScenarios: env.PAYMENT_PROVIDER === 'sandbox',
    workflowBundle: env.WORKFLOW_BUNDLE,
    workerBuildId: env.WORKER_BUILD_ID,
    workerDeploymentName: env.WORKER_DEPLOYMENT_NAME,
    jwksUrl: env.AUTH_JWKS_URL,
    issuer: env.AUTH_ISSUER,
    audience: env.AUTH_AUDIENCE,
    givenSecrets: {
      authJwtSecret: env.AUTH_JWT_SECRET,
      paymentEventsSecret: env.PAYMENT_EVENTS_SECRET,
      payloadEncryptionKeys: env.PAYLOAD_ENCRYPTION_KEYS,
    },
    dataDir,
    runDir: path.join(dataDir, 'run'),
    logDir: path.join(dataDir, 'logs'),
  };
}

function fault(issue: z.core.$ZodIssue, given: NodeJS.ProcessEnv): string {
  const variable = String(issue.path[0]) as keyof typeof RULES;
  // A secret is not shown, wrong or not.
  const shown = /SECRET|KEYS|DATABASE_URL/.test(variable) ? '' : ` "${given[variable]}"`;
  return `${variable} can't be${shown || ' what it is'}: it must be ${RULES[variable] ?? issue.message}.`;
}

function refuseDuplicates(ports: StackPort[]): void {
  for (const { variable, port: number, purpose } of ports) {
    const other = ports.find((one) => one.port === number && one.variable !== variable);
    if (other === undefined) continue;
    throw new StackFailure(
      `${variable} (${purpose}) and ${other.variable} (${other.purpose}) are both ${number}: set one of them to another port.`,
    );
  }
}

/** The environment, with what the clone's `.env` adds to it. */
export function localEnvironment(): NodeJS.ProcessEnv {
  const file = path.join(ROOT, '.env');
  if (existsSync(file)) process.loadEnvFile(file);
  return process.env;
}
