import { randomBytes } from 'node:crypto';
import { apiConfig, commandConfig, commandVariables, workerConfig } from './config';

/** In production the sandbox provider and guessable keys are refused. */

const whsec = (bytes: Buffer) => `whsec_${bytes.toString('base64')}`;
const encryptionKey = (bytes: Buffer) => `k1:${bytes.toString('base64')}`;

/** A production that starts. */
const SETTINGS = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgresql://nobody:nothing@127.0.0.1:1/nowhere',
  WORKFLOW_BUNDLE: 'dist/workflow-bundle.js',
  AUTH_ISSUER: 'https://issuer.example',
  AUTH_AUDIENCE: 'shops',
  AUTH_JWT_SECRET: randomBytes(32).toString('hex'),
  PAYLOAD_ENCRYPTION_KEYS: encryptionKey(randomBytes(32)),
  PAYMENT_EVENTS_SECRET: whsec(randomBytes(32)),
  PAYMENT_PROVIDER: 'stripe',
  STRIPE_SECRET_KEY: 'sk_live_of_nobody',
  STRIPE_WEBHOOK_SECRET: `whsec_${randomBytes(16).toString('hex')}`,
};

type Settings = Partial<
  Record<
    | keyof typeof SETTINGS
    | 'AUTH_JWKS_URL'
    | 'ALLOW_SANDBOX_IN_PRODUCTION'
    | 'METRICS_PORT'
    | 'WEBHOOK_ALLOW_PRIVATE'
    | 'SMTP_URL'
    | 'MAIL_FROM',
    string
  >
>;

const PROCESSES = { api: apiConfig, worker: workerConfig };

function expectStart(more: Settings): void {
  for (const read of Object.values(PROCESSES))
    expect(() => read({ ...SETTINGS, ...more })).not.toThrow();
}

function expectRefusal(more: Settings, message: string | RegExp): void {
  for (const read of Object.values(PROCESSES))
    expect(() => read({ ...SETTINGS, ...more })).toThrow(message);
}

test('with all that it needs, production starts', () => {
  expectStart({});
  expectStart({ AUTH_JWKS_URL: 'https://issuer.example/keys' });
  expectStart({ AUTH_JWKS_URL: 'HTTPS://issuer.example/keys' });
});

describe('mail', () => {
  const from = { MAIL_FROM: 'Airline <mail@airline.example>' };

  test.each([
    'smtps://me:secret@mail.example',
    'smtp://mail.example?requireTLS=true',
    'smtp://127.0.0.1:25',
    'smtp://localhost:25',
  ])('is sent by %s', (url) => {
    expectStart({ SMTP_URL: url, ...from });
  });

  test.each(['smtp://mail.example', 'smtp://127.0.0.1.mail.example', 'smtp://10.0.0.7:25'])(
    'is not sent in clear to another machine, as by %s',
    (url) => {
      expectRefusal({ SMTP_URL: url, ...from }, 'SMTP_URL must be smtps://');
    },
  );

  test('needs a sender, and no message shows the login of the server', () => {
    const SMTP_URL = 'smtps://me:hunter2@mail.example';
    expect(() => workerConfig({ ...SETTINGS, SMTP_URL })).toThrow('MAIL_FROM is required');
    const wrong = { ...SETTINGS, ...from, SMTP_URL: 'smtps://me:hunter2@' };
    expect(() => workerConfig(wrong)).toThrow('SMTP_URL: must be like');
    expect(() => workerConfig(wrong)).not.toThrow('hunter2');
  });
});

describe('the sandbox', () => {
  test('is not what production has by default', () => {
    expectRefusal({ PAYMENT_PROVIDER: '' }, 'PAYMENT_PROVIDER is required in production');
    expectRefusal(
      { PAYMENT_PROVIDER: '', ALLOW_SANDBOX_IN_PRODUCTION: 'true' },
      'PAYMENT_PROVIDER is required in production',
    );
  });

  test.each(['', 'false'])(
    'is refused in production with ALLOW_SANDBOX_IN_PRODUCTION=%s',
    (allowed) => {
      expectRefusal(
        { PAYMENT_PROVIDER: 'sandbox', ALLOW_SANDBOX_IN_PRODUCTION: allowed },
        'moves no money',
      );
    },
  );

  test.each(['1', 'yes', 'maybe'])('is not allowed by a word that is not "true": %s', (allowed) => {
    expectRefusal(
      { PAYMENT_PROVIDER: 'sandbox', ALLOW_SANDBOX_IN_PRODUCTION: allowed },
      /ALLOW_SANDBOX_IN_PRODUCTION: /,
    );
  });

  test('may be allowed, for a demonstration', () => {
    expectStart({ PAYMENT_PROVIDER: 'sandbox', ALLOW_SANDBOX_IN_PRODUCTION: 'true' });
  });

  test('is what development has by default', () => {
    const read = workerConfig({ ...SETTINGS, NODE_ENV: 'development', PAYMENT_PROVIDER: '' });
    expect(read.payments).toMatchObject({ provider: 'sandbox' });
  });

  test.each([
    ['development', 'sandbox', true],
    ['development', '', true],
    ['development', 'stripe', false],
    ['production', 'stripe', false],
    ['production', 'sandbox', false],
  ])('in %s with "%s": are flights on sale that do as they are told? %s', (mode, provider, are) => {
    const given = {
      ...SETTINGS,
      NODE_ENV: mode,
      PAYMENT_PROVIDER: provider,
      ALLOW_SANDBOX_IN_PRODUCTION: 'true',
    };
    expect(workerConfig(given).hasScenarios).toBe(are);
    expect(commandConfig(commandVariables('no-file', given)).hasScenarios).toBe(are);
  });
});

describe('a key set', () => {
  test.each(['http://issuer.example/keys', 'http://127.0.0.1/keys', 'HTTP://issuer.example/keys'])(
    'that comes by %s is refused in production',
    (url) => {
      expectRefusal({ AUTH_JWKS_URL: url }, 'AUTH_JWKS_URL must be https');
      expect(() =>
        apiConfig({ ...SETTINGS, NODE_ENV: 'development', AUTH_JWKS_URL: url }),
      ).not.toThrow();
    },
  );

  test.each([
    'file:///etc/keys',
    'data:application/json,{}',
    'ftp://issuer.example/keys',
    'javascript:1',
    'keys',
  ])('%s is refused everywhere', (url) => {
    for (const NODE_ENV of ['production', 'development', 'test'])
      expectRefusal({ NODE_ENV, AUTH_JWKS_URL: url }, 'AUTH_JWKS_URL: must be an https URL');
  });
});

/** Bytes that have a good length, and that anyone could guess. */
const WEAK: [why: string, bytes: Buffer][] = [
  ['nothing but zeros', Buffer.alloc(32)],
  ['one byte', Buffer.alloc(32, 0xff)],
  ['one letter', Buffer.alloc(32, 'x')],
  ['one letter, for long', Buffer.alloc(64, 'x')],
  ['a letter, and another now and then', Buffer.alloc(32, 'aaab')],
  ['all but one byte alike', Buffer.concat([Buffer.alloc(31), Buffer.from([1])])],
  ['a series of bytes', Buffer.from(Array.from({ length: 32 }, (_, index) => index))],
  [
    'a series that goes down',
    Buffer.from(Array.from({ length: 32 }, (_, index) => 126 - 2 * index)),
  ],
];

/** How each secret is written; text only where the bytes are text. */
const SECRETS: [name: keyof typeof SETTINGS, write: (bytes: Buffer) => string][] = [
  ['AUTH_JWT_SECRET', (bytes) => bytes.toString('latin1')],
  ['PAYLOAD_ENCRYPTION_KEYS', encryptionKey],
  ['PAYMENT_EVENTS_SECRET', whsec],
  ['STRIPE_WEBHOOK_SECRET', (bytes) => `whsec_${bytes.toString('latin1')}`],
];

const isText = (bytes: Buffer) =>
  bytes.every((byte) => byte >= 0x21 && byte <= 0x7e && byte !== 0x2c);

describe.each(SECRETS)('%s in production', (name, write) => {
  const isWrittenAsText = name === 'AUTH_JWT_SECRET' || name === 'STRIPE_WEBHOOK_SECRET';
  const weak = WEAK.filter(
    ([, bytes]) =>
      (isWrittenAsText ? isText(bytes) : true) &&
      (name === 'PAYLOAD_ENCRYPTION_KEYS' ? bytes.length === 32 : true),
  );

  test.each(weak)('is refused when it is %s, and not shown', (_why, bytes) => {
    const secret = write(bytes);
    expectRefusal({ [name]: secret }, new RegExp(`^${name} .*generate a random one`, 'm'));
    for (const read of Object.values(PROCESSES))
      expect(() => read({ ...SETTINGS, [name]: secret })).not.toThrow(secret);
  });

  test('is refused when it is short', () => {
    const text = write(
      isWrittenAsText ? Buffer.from(randomBytes(12).toString('hex')) : randomBytes(24),
    );
    expectRefusal({ [name]: text }, new RegExp(`^${name}`, 'm'));
  });

  test('is accepted when it is random, a hundred times over', () => {
    for (let count = 0; count < 100; count += 1) {
      const bytes = isWrittenAsText
        ? Buffer.from(randomBytes(16).toString('hex'))
        : randomBytes(32);
      expectStart({ [name]: write(bytes) });
    }
  });

  test('is refused when a second one, for a rotation, is weak', () => {
    if (name === 'AUTH_JWT_SECRET') return;
    const other =
      name === 'PAYLOAD_ENCRYPTION_KEYS'
        ? `k2:${Buffer.alloc(32).toString('base64')}`
        : write(Buffer.alloc(32, 'x'));
    expectRefusal({ [name]: `${SETTINGS[name]},${other}` }, new RegExp(`^${name} `, 'm'));
  });
});

test('a laptop may have any secret that fits', () => {
  const read = () =>
    apiConfig({ ...SETTINGS, NODE_ENV: 'development', AUTH_JWT_SECRET: 'x'.repeat(32) });
  expect(read).not.toThrow();
});

describe('metrics of the API', () => {
  const metricsOf = (more: Settings) => apiConfig({ ...SETTINGS, ...more }).metrics;

  test('are on no public port in production: on one of their own, or none', () => {
    expect(metricsOf({})).toMatchObject({ onPublicPort: false, port: undefined });
    expect(metricsOf({ METRICS_PORT: '9464' })).toMatchObject({ onPublicPort: false, port: 9464 });
  });

  test('are where the API is in development, where the worker has the other port', () => {
    const metrics = metricsOf({ NODE_ENV: 'development', METRICS_PORT: '9464' });
    expect(metrics).toMatchObject({ onPublicPort: true, port: undefined });
  });
});

describe('webhooks', () => {
  const webhooksOf = (more: Settings) => workerConfig({ ...SETTINGS, ...more }).webhooks;

  test('go by https to public addresses only in production, whatever is set', () => {
    expect(webhooksOf({})).toEqual({ requireHttps: true, allowPrivate: false });
    expectStart({ WEBHOOK_ALLOW_PRIVATE: 'false' });
    expectRefusal({ WEBHOOK_ALLOW_PRIVATE: 'true' }, 'WEBHOOK_ALLOW_PRIVATE must not be true');
  });

  test('may go to this machine in development, unless that is switched off', () => {
    const dev = { NODE_ENV: 'development' };
    expect(webhooksOf(dev)).toEqual({ requireHttps: false, allowPrivate: true });
    const off = { ...dev, WEBHOOK_ALLOW_PRIVATE: 'false' };
    expect(webhooksOf(off)).toMatchObject({ allowPrivate: false });
  });
});
