import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import { parseSender, parseSmtpUrl } from './mail-settings';
import { productionFaults } from './production-rules';
import { ConfigurationError, SECRETS, withSecretFiles, type Variables } from './secret-files';

/**
 * The environment variables of every process, and the only reader of `process.env` under `src/`.
 *
 * Values are checked when they are read. A process with a wrong setting names it and exits before
 * it serves requests.
 */

const port = z.coerce.number().int().min(1).max(65_535);
const positiveInteger = z.coerce.number().int().min(1);
const databaseUrl = z.url({ protocol: /^postgres(ql)?$/ });
const commaSeparated = z
  .string()
  .transform((list) => list.split(',').map((item) => item.trim()))
  .pipe(z.array(z.string().min(1)).min(1));

/** Scheme, host and port of a page, as a browser sends them. */
const WebOrigin = z.string().refine(isWebOrigin, 'must be origins, such as https://shop.example');

function isWebOrigin(text: string): boolean {
  const isWeb = /^https?:\/\/[^*]+$/.test(text) && URL.canParse(text);
  return isWeb && new URL(text).origin === text;
}

const EncryptionKey = z
  .string()
  .regex(/^[\w.-]{1,64}:[A-Za-z0-9+/]{43}=$/, 'must be a key ID, a colon, and 32 bytes in base64')
  .transform((text) => {
    const [id = '', key = ''] = text.split(':');
    return { id, key: Buffer.from(key, 'base64') };
  });

/** A key that encrypts payloads, and its ID, which is stored beside each payload. */
export type EncryptionKey = z.infer<typeof EncryptionKey>;

/** The keys of `PAYLOAD_ENCRYPTION_KEYS`: the first one encrypts, all decrypt. */
export const EncryptionKeys = commaSeparated
  .pipe(z.tuple([EncryptionKey], EncryptionKey))
  .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, {
    error: 'has two keys with one ID',
  });

const Environment = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  PORT: port.default(3000),
  DATABASE_URL: databaseUrl,
  SANDBOX_DATABASE_URL: databaseUrl.optional(),
  // Read by the migrations, which create the database users of the processes.
  API_DATABASE_URL: databaseUrl.optional(),
  WORKER_DATABASE_URL: databaseUrl.optional(),
  TEMPORAL_ADDRESS: z.string().min(1).default('127.0.0.1:7233'),
  TEMPORAL_NAMESPACE: z.string().min(1).default('default'),
  TEMPORAL_TASK_QUEUE: z.string().min(1).default('bookings'),
  // Read by Temporal's SDK, like its other variables.
  TEMPORAL_API_KEY: z.string().min(1).optional(),
  TEMPORAL_UI_URL: z.url({ protocol: /^https?$/ }).optional(),
  DATA_DIR: z.string().min(1).default('.data'),
  PAYMENT_WINDOW_SECONDS: positiveInteger.max(86_400).default(900),
  SCHEDULE_DAYS: positiveInteger.max(330).default(14),
  // By default the sandbox; required in production.
  PAYMENT_PROVIDER: z.enum(['sandbox', 'stripe']).optional(),
  ALLOW_SANDBOX_IN_PRODUCTION: z.stringbool({ truthy: ['true'], falsy: ['false'] }).default(false),
  PAYMENT_EVENTS_SECRET: commaSeparated.optional(),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^[rs]k_/, 'must begin with sk_ or rk_')
    .optional(),
  STRIPE_WEBHOOK_SECRET: commaSeparated.optional(),
  STRIPE_API_BASE: z
    .url({ protocol: /^https?$/ })
    .refine((url) => new URL(url).pathname === '/', 'must be an origin, without a path')
    .optional(),
  // The mail server's address, and its login.
  SMTP_URL: z
    .string()
    .refine((url) => parseSmtpUrl(url) !== undefined, 'must be like smtps://user:password@host:465')
    .optional(),
  MAIL_FROM: z
    .string()
    .refine(
      (from) => parseSender(from) !== undefined,
      'must be like Airline <mail@airline.example>',
    )
    .optional(),
  PAYLOAD_ENCRYPTION_KEYS: EncryptionKeys,
  AUTH_JWT_SECRET: z.string().min(32).optional(),
  AUTH_JWKS_URL: z.url({ protocol: /^https?$/, error: 'must be an https URL' }).optional(),
  AUTH_ISSUER: z.string().min(1).optional(),
  AUTH_AUDIENCE: z.string().min(1).optional(),
  RATE_LIMIT_PER_MINUTE: positiveInteger.default(600),
  MAX_OPEN_HOLDS_PER_CUSTOMER: positiveInteger.default(10),
  MAX_UNPAID_HOLDS_PER_FLIGHT: positiveInteger.default(3),
  MAX_UNPAID_HOLDS_PER_DAY: positiveInteger.default(20),
  MAX_DECLINES_PER_HOUR: positiveInteger.default(20),
  // Within a week of departure nothing is erased.
  PERSONAL_DATA_DAYS: z.coerce
    .number()
    .int()
    .refine((days) => days === 0 || days >= 7, 'must be 0, or at least 7 days')
    .default(0),
  TRUSTED_PROXIES: commaSeparated.optional(),
  // Whether webhook endpoints may be on this machine or in this network.
  WEBHOOK_ALLOW_PRIVATE: z.stringbool({ truthy: ['true'], falsy: ['false'] }).optional(),
  CORS_ORIGINS: commaSeparated.pipe(z.array(WebOrigin)).optional(),
  // At most Node's time limit for a whole request.
  KEEP_ALIVE_SECONDS: positiveInteger.max(240).default(65),
  WORKFLOW_BUNDLE: z.string().min(1).optional(),
  WORKER_BUILD_ID: z
    .string()
    .regex(/^[\w.-]{1,128}$/, 'must have letters, digits, dots, dashes and underscores only')
    .optional(),
  WORKER_DEPLOYMENT_NAME: z
    .string()
    .regex(/^[\w-]{1,128}$/, 'must have letters, digits, dashes and underscores only')
    .default('flight-bookings'),
  SHUTDOWN_DELAY_SECONDS: z.coerce.number().int().min(0).max(60).default(0),
  METRICS_HOST: z.string().min(1).default('127.0.0.1'),
  METRICS_PORT: port.optional(),
  TEMPORAL_METRICS_PORT: port.optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  OTEL_SERVICE_NAME: z.string().min(1).optional(),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
  LOG_DIR: z.string().min(1).optional(),
  LOG_FILES: z.stringbool({ truthy: ['true'], falsy: ['false'] }).default(true),
  LOG_FORMAT: z.enum(['pretty', 'json']).optional(),
});

/** The checked variables, and all that were given: Temporal's SDK has its own. */
type Environment = z.infer<typeof Environment> & { given: Variables };

function read(source: NodeJS.ProcessEnv): Environment {
  const given = withSecretFiles(source);
  const env = parse(Environment, given);
  const isProduction = env.NODE_ENV === 'production';
  const faults = isProduction ? productionFaults(env) : [];
  if (faults.length > 0) throw unusable(faults);
  return { ...env, given };
}

function parse<Shape extends z.ZodType>(shape: Shape, given: Variables): z.infer<Shape> {
  const { data, error } = shape.safeParse(given);
  if (error === undefined) return data;
  const faults = error.issues.map(
    (issue) =>
      `${issue.path.join('.')}: ${given[String(issue.path[0])] === undefined ? 'is required' : issue.message}`,
  );
  throw unusable(faults);
}

function unusable(faults: string[]): ConfigurationError {
  return new ConfigurationError(`The environment is not valid.\n${faults.join('\n')}`);
}

function logging(env: Environment) {
  return {
    level: env.LOG_LEVEL,
    /** Null if no log files are written. */
    dir: env.LOG_FILES ? (env.LOG_DIR ?? `${env.DATA_DIR}/logs`) : null,
    format: env.LOG_FORMAT ?? (env.NODE_ENV === 'development' ? 'pretty' : 'json'),
  } as const;
}

function temporal(env: Environment) {
  return {
    address: env.TEMPORAL_ADDRESS,
    namespace: env.TEMPORAL_NAMESPACE,
    taskQueue: env.TEMPORAL_TASK_QUEUE,
    variables: env.given,
  } as const;
}

/**
 * Returns the deployment and build ID of this worker; undefined without one. With it, Temporal keeps
 * running bookings on the build that they began on.
 */
function deployment(env: Environment) {
  const { WORKER_DEPLOYMENT_NAME: deploymentName, WORKER_BUILD_ID: buildId } = env;
  return buildId === undefined ? undefined : { deploymentName, buildId };
}

/**
 * Where a process serves its own metrics, and a worker those of Temporal's SDK. An endpoint without
 * a port is off.
 */
function metrics(env: Environment) {
  return {
    host: env.METRICS_HOST,
    port: env.METRICS_PORT,
    temporalPort: env.TEMPORAL_METRICS_PORT,
  } as const;
}

/**
 * Where the API serves its metrics. In development that is its public port. In production it is a
 * separate port, if one is set, because everyone can reach the public one.
 */
function apiMetrics(env: Environment) {
  const isProduction = env.NODE_ENV === 'production';
  return {
    onPublicPort: !isProduction,
    host: env.METRICS_HOST,
    port: isProduction ? env.METRICS_PORT : undefined,
  } as const;
}

/**
 * Whether traces are sent, and under which service name. OpenTelemetry's libraries read the endpoint
 * and the sampling rate from their own variables.
 */
function tracing(env: Environment, process: 'api' | 'worker') {
  return {
    isOn: env.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined,
    serviceName: env.OTEL_SERVICE_NAME ?? `flight-bookings-${process}`,
  } as const;
}

/** The provider that charges cards, and others that can be asked about earlier payments. */
export interface PaymentConfig {
  provider: 'sandbox' | 'stripe';
  /** Undefined without a key. */
  stripe: { secretKey: string; apiBase: string | undefined } | undefined;
  hasSandbox: boolean;
}

function payments(
  env: Pick<
    Environment,
    | 'NODE_ENV'
    | 'PAYMENT_PROVIDER'
    | 'ALLOW_SANDBOX_IN_PRODUCTION'
    | 'STRIPE_SECRET_KEY'
    | 'STRIPE_API_BASE'
  >,
): PaymentConfig {
  const { PAYMENT_PROVIDER: provider = 'sandbox', STRIPE_SECRET_KEY: secretKey } = env;
  if (provider === 'stripe' && secretKey === undefined) {
    throw new ConfigurationError('STRIPE_SECRET_KEY is required when Stripe is the provider.');
  }
  const stripe = secretKey === undefined ? undefined : { secretKey, apiBase: env.STRIPE_API_BASE };
  // In production the sandbox must be allowed explicitly: its payments move no money.
  const isAllowed = env.NODE_ENV !== 'production' || env.ALLOW_SANDBOX_IN_PRODUCTION;
  return { provider, stripe, hasSandbox: isAllowed || provider === 'sandbox' };
}

/**
 * Whether flights are on sale that are there to be tried out, and do as they say: where the sandbox
 * charges the cards, and never in production.
 */
function hasScenarios({
  NODE_ENV,
  PAYMENT_PROVIDER: provider = 'sandbox',
}: Pick<Environment, 'NODE_ENV' | 'PAYMENT_PROVIDER'>): boolean {
  return NODE_ENV !== 'production' && provider === 'sandbox';
}

/**
 * Returns how mails are sent, and who sends them; undefined without a mail server: no mail is sent
 * then.
 */
function mail({ SMTP_URL: url, MAIL_FROM: from }: Environment) {
  if (url === undefined) return undefined;
  if (from === undefined)
    throw new ConfigurationError('MAIL_FROM is required with SMTP_URL: it says who sends mails.');
  const [server, sender] = [parseSmtpUrl(url), parseSender(from)];
  if (server === undefined || sender === undefined) throw new Error('Bug: both were checked');
  return { server, sender };
}

/** Returns the secrets that Stripe may sign its events with; none if it sends us no events. */
function stripeWebhookSecrets(env: Environment): string[] {
  const secrets = env.STRIPE_WEBHOOK_SECRET ?? [];
  if (env.PAYMENT_PROVIDER === 'stripe' && secrets.length === 0) {
    throw new ConfigurationError('STRIPE_WEBHOOK_SECRET is required when Stripe is the provider.');
  }
  return secrets;
}

/**
 * Where webhooks may be sent. In production only by https, and only to public addresses; elsewhere
 * also to this machine, unless told otherwise.
 */
function webhooks(env: Environment) {
  const isProduction = env.NODE_ENV === 'production';
  return {
    requireHttps: isProduction,
    allowPrivate: env.WEBHOOK_ALLOW_PRIVATE ?? !isProduction,
  } as const;
}

/**
 * A secret of the Standard Webhooks scheme: base64 of 24 to 64 bytes. Other services sign their
 * events with it.
 */
const EVENTS_SECRET =
  /^whsec_(?=.{32,88}$)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Returns the secrets that other services may sign their payment events with; none if there are no
 * such services.
 */
function paymentEventsSecrets(env: Environment): string[] {
  const secrets = env.PAYMENT_EVENTS_SECRET ?? [];
  if (!secrets.every((secret) => EVENTS_SECRET.test(secret))) {
    throw new ConfigurationError(
      'PAYMENT_EVENTS_SECRET must be `whsec_` and the base64 of 24 to 64 bytes; several are separated by commas.',
    );
  }
  if (secrets.some(isGeneratedEventsSecret)) refuseInProduction(env, 'PAYMENT_EVENTS_SECRET was');
  return secrets;
}

function isGeneratedEventsSecret(secret: string): boolean {
  const bytes = Buffer.from(secret.slice('whsec_'.length), 'base64');
  return bytes.toString('latin1').startsWith(GENERATED_SECRET_PREFIX);
}

/** How tokens are checked: by a shared secret (HS256) or by the issuer's published keys. */
export type AuthConfig = { issuer: string; audience: string } & (
  { kind: 'secret'; secret: string } | { kind: 'jwks'; url: string }
);

function auth(env: Environment): AuthConfig {
  const { AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience } = env;
  if (issuer === undefined || audience === undefined) {
    throw new ConfigurationError(
      'AUTH_ISSUER and AUTH_AUDIENCE are required: tokens are checked against both.',
    );
  }
  if (env.AUTH_JWKS_URL !== undefined)
    return { kind: 'jwks', url: env.AUTH_JWKS_URL, issuer, audience };
  if (env.NODE_ENV === 'production' && env.AUTH_JWT_SECRET === undefined) {
    throw new ConfigurationError('AUTH_JWKS_URL or AUTH_JWT_SECRET is required in production.');
  }
  if (env.AUTH_JWT_SECRET === undefined) {
    throw new ConfigurationError('AUTH_JWT_SECRET or AUTH_JWKS_URL is required.');
  }
  if (env.AUTH_JWT_SECRET.startsWith(GENERATED_SECRET_PREFIX))
    refuseInProduction(env, 'AUTH_JWT_SECRET was');
  return { kind: 'secret', secret: env.AUTH_JWT_SECRET, issuer, audience };
}

function encryptionKeys(env: Environment) {
  const keys = env.PAYLOAD_ENCRYPTION_KEYS;
  if (keys.some(({ id }) => id.startsWith(GENERATED_SECRET_PREFIX)))
    refuseInProduction(env, 'PAYLOAD_ENCRYPTION_KEYS has a key that was');
  return keys;
}

/** Marks secrets that the local stack generated, so that production can refuse them. */
const GENERATED_SECRET_PREFIX = 'dev-only-';

/** @throws ConfigurationError in production, where a generated secret is not accepted. */
function refuseInProduction(env: Environment, what: string): void {
  if (env.NODE_ENV === 'production')
    throw new ConfigurationError(
      `${what} generated for the local stack: production requires another one.`,
    );
}

/**
 * Settings of the API process.
 *
 * @throws ConfigurationError naming every missing or wrong variable.
 */
export function apiConfig(source: NodeJS.ProcessEnv = process.env) {
  const env = read(source);
  return {
    port: env.PORT,
    databaseUrl: env.DATABASE_URL,
    temporal: temporal(env),
    temporalUiUrl: env.TEMPORAL_UI_URL,
    encryptionKeys: encryptionKeys(env),
    auth: auth(env),
    paymentEventsSecrets: paymentEventsSecrets(env),
    stripeWebhookSecrets: stripeWebhookSecrets(env),
    rateLimitPerMinute: env.RATE_LIMIT_PER_MINUTE,
    metrics: apiMetrics(env),
    shutdownDelayMs: env.SHUTDOWN_DELAY_SECONDS * 1000,
    corsOrigins: env.CORS_ORIGINS ?? [],
    keepAliveSeconds: env.KEEP_ALIVE_SECONDS,
    webhooks: webhooks(env),
    trustedProxies: env.TRUSTED_PROXIES ?? false,
    tracing: tracing(env, 'api'),
    logging: logging(env),
  } as const;
}

/**
 * Settings of the worker process.
 *
 * @throws ConfigurationError naming every missing or wrong variable.
 */
export function workerConfig(source: NodeJS.ProcessEnv = process.env) {
  const env = read(source);
  if (env.NODE_ENV === 'production' && env.WORKFLOW_BUNDLE === undefined) {
    throw new ConfigurationError(
      'WORKFLOW_BUNDLE is required in production: the bundle that `npm run build` made.',
    );
  }
  return {
    databaseUrl: env.DATABASE_URL,
    /** The user of the sandbox provider, which acts as a separate company. */
    sandboxDatabaseUrl: env.SANDBOX_DATABASE_URL ?? env.DATABASE_URL,
    temporal: temporal(env),
    encryptionKeys: encryptionKeys(env),
    paymentWindowSeconds: env.PAYMENT_WINDOW_SECONDS,
    scheduleDays: env.SCHEDULE_DAYS,
    hasScenarios: hasScenarios(env),
    /** How long personal data are kept after departure; 0 keeps them. */
    personalDataDays: env.PERSONAL_DATA_DAYS,
    limits: {
      maxOpenHoldsPerCustomer: env.MAX_OPEN_HOLDS_PER_CUSTOMER,
      maxUnpaidHoldsPerFlight: env.MAX_UNPAID_HOLDS_PER_FLIGHT,
      maxUnpaidHoldsPerDay: env.MAX_UNPAID_HOLDS_PER_DAY,
      maxDeclinesPerHour: env.MAX_DECLINES_PER_HOUR,
    },
    payments: payments(env),
    webhooks: webhooks(env),
    mail: mail(env),
    workflowBundle: env.WORKFLOW_BUNDLE,
    deployment: deployment(env),
    metrics: metrics(env),
    tracing: tracing(env, 'worker'),
    logging: logging(env),
  } as const;
}

/** The variables that commands read. None is required by all commands. */
const CommandEnvironment = Environment.pick({
  NODE_ENV: true,
  SANDBOX_DATABASE_URL: true,
  API_DATABASE_URL: true,
  WORKER_DATABASE_URL: true,
  TEMPORAL_NAMESPACE: true,
  TEMPORAL_TASK_QUEUE: true,
  DATA_DIR: true,
  SCHEDULE_DAYS: true,
  PAYMENT_PROVIDER: true,
  ALLOW_SANDBOX_IN_PRODUCTION: true,
  STRIPE_SECRET_KEY: true,
  STRIPE_API_BASE: true,
  AUTH_JWT_SECRET: true,
  AUTH_ISSUER: true,
  AUTH_AUDIENCE: true,
  WORKFLOW_BUNDLE: true,
}).extend({
  // Without a default, so that a command never acts on a system that nobody named.
  DATABASE_URL: databaseUrl.optional(),
  TEMPORAL_ADDRESS: z.string().min(1).optional(),
  PAYLOAD_ENCRYPTION_KEYS: EncryptionKeys.optional(),
});

/**
 * Returns the variables of a command, with secrets read from their files. Variables that are not set
 * are read from an `.env` file, but not in production.
 *
 * @throws ConfigurationError when a secret's file can't be read, or a secret is given both ways.
 */
export function commandVariables(
  envFile: string,
  source: NodeJS.ProcessEnv = process.env,
): Variables {
  const isRead = source.NODE_ENV !== 'production' && existsSync(envFile);
  const given = withSecretFiles({
    ...(isRead ? parseEnv(readFileSync(envFile, 'utf8')) : {}),
    ...source,
  });
  const isFile = (name: string) => SECRETS.some((secret) => name === `${secret}_FILE`);
  return Object.fromEntries(Object.entries(given).filter(([name]) => !isFile(name)));
}

/**
 * Settings of the command line. An undefined one was not set.
 *
 * @throws ConfigurationError naming every wrong variable.
 */
export function commandConfig(variables: Variables) {
  const env = parse(CommandEnvironment, variables);
  return {
    isProduction: env.NODE_ENV === 'production',
    databaseUrl: env.DATABASE_URL,
    /** The URLs with the users of each process, which the migrations create. */
    processUrls: {
      api: env.API_DATABASE_URL,
      worker: env.WORKER_DATABASE_URL,
      sandbox: env.SANDBOX_DATABASE_URL,
    },
    temporal: {
      address: env.TEMPORAL_ADDRESS,
      namespace: env.TEMPORAL_NAMESPACE,
      taskQueue: env.TEMPORAL_TASK_QUEUE,
      variables,
    },
    encryptionKeys: env.PAYLOAD_ENCRYPTION_KEYS,
    payments: () => payments(env),
    scheduleDays: env.SCHEDULE_DAYS,
    hasScenarios: hasScenarios(env),
    auth: {
      secret: env.AUTH_JWT_SECRET,
      issuer: env.AUTH_ISSUER,
      audience: env.AUTH_AUDIENCE,
    },
    workflowBundle: env.WORKFLOW_BUNDLE,
    dataDir: env.DATA_DIR,
  } as const;
}

export type CommandConfig = ReturnType<typeof commandConfig>;
export type ApiConfig = ReturnType<typeof apiConfig>;
export type LoggingConfig = ApiConfig['logging'];
export type TemporalConfig = ApiConfig['temporal'];
export type MetricsConfig = ReturnType<typeof metrics>;
export type TracingConfig = ReturnType<typeof tracing>;
export type DeploymentConfig = ReturnType<typeof deployment>;
