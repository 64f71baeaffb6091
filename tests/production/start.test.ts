import { randomBytes } from 'node:crypto';
import { runInProduction } from './process';

/**
 * What production refuses to start without. Nothing needs to be there to connect to: settings are
 * checked first.
 */

const SETTINGS = {
  DATABASE_URL: 'postgresql://nobody:nothing@127.0.0.1:1/nowhere',
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  AUTH_JWT_SECRET: 'a secret that the operator has made up',
  PAYLOAD_ENCRYPTION_KEYS: randomKey('k1'),
  PAYMENT_PROVIDER: 'sandbox',
  ALLOW_SANDBOX_IN_PRODUCTION: 'true',
  AUTH_ISSUER: 'https://issuer.example',
  AUTH_AUDIENCE: 'flight-bookings',
  WORKFLOW_BUNDLE: 'dist/workflow-bundle.js',
};

const STRIPE = {
  ...SETTINGS,
  PAYMENT_PROVIDER: 'stripe',
  STRIPE_SECRET_KEY: 'sk_test_of_nobody',
  STRIPE_WEBHOOK_SECRET: `whsec_${randomBytes(16).toString('hex')}`,
};

type Settings = Partial<
  Record<
    | keyof typeof STRIPE
    | 'STRIPE_API_BASE'
    | 'PAYMENT_EVENTS_SECRET'
    | 'AUTH_JWKS_URL'
    | 'AUTH_JWT_SECRET_FILE'
    | 'PAYLOAD_ENCRYPTION_KEYS_FILE',
    string
  >
>;

function without(...names: (keyof typeof SETTINGS)[]): Settings {
  return Object.fromEntries(
    Object.entries(SETTINGS).filter(([name]) => !names.some((missing) => missing === name)),
  );
}

function withKeys(...keys: string[]): Settings {
  return { ...SETTINGS, PAYLOAD_ENCRYPTION_KEYS: keys.join() };
}

function randomKey(id: string): string {
  return `${id}:${randomBytes(32).toString('base64')}`;
}

function eventsSecret(text: string): string {
  return `whsec_${Buffer.from(text).toString('base64')}`;
}

const NO_KEYS = /PAYLOAD_ENCRYPTION_KEYS: is required/;
const DEV_KEY = /PAYLOAD_ENCRYPTION_KEYS has a key that was generated for the local stack/;

test.each<[why: string, part: 'api' | 'worker', env: Settings, message: RegExp]>([
  ['no issuer', 'api', without('AUTH_ISSUER'), /AUTH_ISSUER .*required/],
  ['no audience', 'api', without('AUTH_AUDIENCE'), /AUTH_AUDIENCE .*required/],
  ['no keys', 'api', without('AUTH_JWT_SECRET'), /AUTH_JWKS_URL or AUTH_JWT_SECRET is required/],
  [
    'a secret made up for development',
    'api',
    { ...SETTINGS, AUTH_JWT_SECRET: `dev-only-${randomBytes(32).toString('hex')}` },
    /AUTH_JWT_SECRET was generated for the local stack/,
  ],
  [
    'a secret for events made up for development',
    'api',
    {
      ...SETTINGS,
      PAYMENT_EVENTS_SECRET: eventsSecret(`dev-only-${randomBytes(12).toString('hex')}`),
    },
    /PAYMENT_EVENTS_SECRET was generated for the local stack/,
  ],
  [
    'one among others',
    'api',
    {
      ...SETTINGS,
      PAYMENT_EVENTS_SECRET: `${eventsSecret(randomBytes(32).toString('hex'))},${eventsSecret(`dev-only-${randomBytes(12).toString('hex')}`)}`,
    },
    /PAYMENT_EVENTS_SECRET was generated for the local stack/,
  ],
  [
    'a short secret for events',
    'api',
    { ...SETTINGS, PAYMENT_EVENTS_SECRET: eventsSecret('short') },
    /PAYMENT_EVENTS_SECRET has fewer than 32 bytes/,
  ],
  ['a short secret', 'api', { ...SETTINGS, AUTH_JWT_SECRET: 'short' }, /AUTH_JWT_SECRET: .*32/],
  [
    'a secret of one letter',
    'api',
    { ...SETTINGS, AUTH_JWT_SECRET: 'x'.repeat(32) },
    /AUTH_JWT_SECRET repeats one byte/,
  ],
  [
    'a key of zeros',
    'worker',
    withKeys(`k1:${Buffer.alloc(32).toString('base64')}`),
    /PAYLOAD_ENCRYPTION_KEYS repeats one byte/,
  ],
  [
    'keys from a file',
    'api',
    { ...SETTINGS, AUTH_JWKS_URL: 'file:///etc/keys' },
    /AUTH_JWKS_URL: must be an https URL/,
  ],
  [
    'keys that come in clear',
    'api',
    { ...SETTINGS, AUTH_JWKS_URL: 'http://issuer.example/keys' },
    /AUTH_JWKS_URL must be https/,
  ],
  ['no provider', 'api', without('PAYMENT_PROVIDER'), /PAYMENT_PROVIDER is required in production/],
  ['no provider', 'worker', without('PAYMENT_PROVIDER'), /PAYMENT_PROVIDER is required in prod/],
  [
    'a provider that takes no money',
    'worker',
    without('ALLOW_SANDBOX_IN_PRODUCTION'),
    /moves no money/,
  ],
  ['no encryption', 'api', without('PAYLOAD_ENCRYPTION_KEYS'), NO_KEYS],
  ['no encryption', 'worker', without('PAYLOAD_ENCRYPTION_KEYS'), NO_KEYS],
  ['a key made up for development', 'api', withKeys(randomKey('dev-only-1')), DEV_KEY],
  ['a key made up for development', 'worker', withKeys(randomKey('dev-only-1')), DEV_KEY],
  [
    'a key made up for development among others',
    'worker',
    withKeys(randomKey('k1'), randomKey('dev-only-1')),
    DEV_KEY,
  ],
  ['a short key', 'api', withKeys('k1:c2hvcnQ='), /PAYLOAD_ENCRYPTION_KEYS.*32 bytes in base64/],
  [
    'two keys by one name',
    'worker',
    withKeys(randomKey('k1'), randomKey('k1')),
    /PAYLOAD_ENCRYPTION_KEYS: has two keys with one ID/,
  ],
  ['no database', 'api', without('DATABASE_URL'), /DATABASE_URL: is required/],
  ['no database', 'worker', without('DATABASE_URL'), /DATABASE_URL: is required/],
  ['no bundle', 'worker', without('WORKFLOW_BUNDLE'), /WORKFLOW_BUNDLE is required in production/],
  [
    'an unknown payment provider',
    'worker',
    { ...SETTINGS, PAYMENT_PROVIDER: 'cash' },
    /PAYMENT_PROVIDER: /,
  ],
  [
    'Stripe and no key',
    'worker',
    { ...STRIPE, STRIPE_SECRET_KEY: '' },
    /STRIPE_SECRET_KEY is required/,
  ],
  [
    'a publishable key of Stripe',
    'worker',
    { ...STRIPE, STRIPE_SECRET_KEY: 'pk_test_of_nobody' },
    /STRIPE_SECRET_KEY: must begin with sk_ or rk_/,
  ],
  [
    'a path in the address of Stripe',
    'worker',
    { ...STRIPE, STRIPE_API_BASE: 'https://stripe.example/v1' },
    /STRIPE_API_BASE: must be an origin/,
  ],
  [
    'a secret given both ways',
    'api',
    { ...SETTINGS, AUTH_JWT_SECRET_FILE: '/run/secrets/auth_jwt_secret' },
    /AUTH_JWT_SECRET and AUTH_JWT_SECRET_FILE are both set/,
  ],
  [
    'a secret in a file that is not there',
    'worker',
    {
      ...without('PAYLOAD_ENCRYPTION_KEYS'),
      PAYLOAD_ENCRYPTION_KEYS_FILE: '/run/secrets/not/there',
    },
    /PAYLOAD_ENCRYPTION_KEYS_FILE: the file that it names can't be read \(ENOENT\)/,
  ],
  [
    'Stripe and no secret for its webhooks',
    'api',
    { ...STRIPE, STRIPE_WEBHOOK_SECRET: '' },
    /STRIPE_WEBHOOK_SECRET is required/,
  ],
])('with %s the %s does not start', async (_why, part, env, message) => {
  const { exitCode, output } = await runInProduction(`dist/src/${part}/main.js`, env);
  expect(output).toMatch(message);
  expect(output).not.toMatch(/^ +at /m);
  expect(exitCode).toBe(1);
});
