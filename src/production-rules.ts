import { parseSmtpUrl } from './mail-settings';

/**
 * Settings that are well-formed, and that production refuses: guessable secrets, unprotected keys,
 * webhooks into our own network, and the sandbox provider.
 */

/** The settings that are checked; undefined if not given. */
export interface ProductionSettings {
  PAYMENT_PROVIDER?: 'sandbox' | 'stripe' | undefined;
  ALLOW_SANDBOX_IN_PRODUCTION: boolean;
  AUTH_JWKS_URL?: string | undefined;
  AUTH_JWT_SECRET?: string | undefined;
  PAYLOAD_ENCRYPTION_KEYS: readonly { id: string; key: Buffer }[];
  PAYMENT_EVENTS_SECRET?: readonly string[] | undefined;
  STRIPE_WEBHOOK_SECRET?: readonly string[] | undefined;
  WEBHOOK_ALLOW_PRIVATE?: boolean | undefined;
  SMTP_URL?: string | undefined;
}

/** Returns a sentence for each setting that production refuses. None contains a secret. */
export function productionFaults(settings: ProductionSettings): string[] {
  return [
    ...providerFaults(settings),
    ...keySetFaults(settings),
    ...webhookFaults(settings),
    ...mailFaults(settings),
    ...secretFaults(settings),
  ];
}

function providerFaults({
  PAYMENT_PROVIDER: provider,
  ALLOW_SANDBOX_IN_PRODUCTION: isSandboxAllowed,
}: ProductionSettings): string[] {
  if (provider === undefined)
    return ['PAYMENT_PROVIDER is required in production: it has no default there.'];
  if (provider === 'sandbox' && !isSandboxAllowed)
    return [
      'PAYMENT_PROVIDER is sandbox, which moves no money: ALLOW_SANDBOX_IN_PRODUCTION=true allows it.',
    ];
  return [];
}

function keySetFaults({ AUTH_JWKS_URL: url }: ProductionSettings): string[] {
  return url === undefined || /^https:/i.test(url)
    ? []
    : [
        'AUTH_JWKS_URL must be https: someone who can change the keys in transit can sign any token.',
      ];
}

function webhookFaults({ WEBHOOK_ALLOW_PRIVATE: isAllowed }: ProductionSettings): string[] {
  return isAllowed === true
    ? ['WEBHOOK_ALLOW_PRIVATE must not be true: shops could reach machines of this network.']
    : [];
}

/** Mails hold names and itineraries. On this machine alone nobody else can read them. */
function mailFaults({ SMTP_URL: url }: ProductionSettings): string[] {
  const server = url === undefined ? undefined : parseSmtpUrl(url);
  if (server === undefined || server.isSecure || server.requiresTls) return [];
  return /^(localhost|127\.[\d.]+|::1)$/.test(server.host)
    ? []
    : ['SMTP_URL must be smtps://, or have ?requireTLS=true: mails hold names and itineraries.'];
}

function secretFaults(settings: ProductionSettings): string[] {
  const given: [name: string, bytes: Buffer][] = [
    ...listed('AUTH_JWT_SECRET', [settings.AUTH_JWT_SECRET ?? []].flat(), textBytes),
    ...listed('PAYLOAD_ENCRYPTION_KEYS', settings.PAYLOAD_ENCRYPTION_KEYS, ({ key }) => key),
    ...listed('PAYMENT_EVENTS_SECRET', settings.PAYMENT_EVENTS_SECRET ?? [], (secret) =>
      Buffer.from(withoutPrefix(secret), 'base64'),
    ),
    // Stripe signs with the text itself, not with decoded bytes.
    ...listed('STRIPE_WEBHOOK_SECRET', settings.STRIPE_WEBHOOK_SECRET ?? [], (secret) =>
      textBytes(withoutPrefix(secret)),
    ),
  ];
  return given.flatMap(([name, bytes]) => {
    const weakness = weaknessOf(bytes);
    return weakness === undefined ? [] : [`${name} ${weakness}: generate a random one.`];
  });
}

function listed<T>(name: string, secrets: readonly T[], bytesOf: (secret: T) => Buffer) {
  return secrets.map((secret): [string, Buffer] => [name, bytesOf(secret)]);
}

const textBytes = (text: string) => Buffer.from(text, 'utf8');

const withoutPrefix = (secret: string) => secret.replace(/^whsec_/, '');

/** The length of an AES-256 key and of an HS256 digest. A shorter secret would weaken both. */
const MIN_BYTES = 32;

function weaknessOf(bytes: Buffer): string | undefined {
  if (bytes.length < MIN_BYTES) return `has fewer than ${String(MIN_BYTES)} bytes`;
  if (isMostlyOneByte(bytes)) return 'repeats one byte';
  return isSeries(bytes) ? 'is a predictable series' : undefined;
}

/**
 * Whether one byte value makes up more than half of the secret. For 32 random digits the probability
 * is about 1 in 10^12.
 */
function isMostlyOneByte(bytes: Buffer): boolean {
  const counts = new Map<number, number>();
  for (const byte of bytes) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  return Math.max(...counts.values()) * 2 > bytes.length;
}

/** Whether the difference between neighbouring bytes is always the same. */
function isSeries(bytes: Buffer): boolean {
  const steps = bytes.subarray(1).map((byte, index) => byte - (bytes[index] ?? 0));
  return steps.every((step) => step === steps[0]);
}
