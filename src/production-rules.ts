/**
 * What production refuses to start with, although it has the right form: what anyone could guess,
 * and what takes no money.
 */

/** What is checked; a setting that wasn't given is undefined. */
export interface ProductionSettings {
  PAYMENT_PROVIDER?: 'sandbox' | 'stripe' | undefined;
  ALLOW_SANDBOX_IN_PRODUCTION: boolean;
  AUTH_JWKS_URL?: string | undefined;
  AUTH_JWT_SECRET?: string | undefined;
  PAYLOAD_ENCRYPTION_KEYS: readonly { id: string; key: Buffer }[];
  PAYMENT_EVENTS_SECRET?: readonly string[] | undefined;
  STRIPE_WEBHOOK_SECRET?: readonly string[] | undefined;
}

/** Returns a sentence for each setting that isn't fit for production. None shows a secret. */
export function productionFaults(settings: ProductionSettings): string[] {
  return [...providerFaults(settings), ...keySetFaults(settings), ...secretFaults(settings)];
}

function providerFaults({
  PAYMENT_PROVIDER: provider,
  ALLOW_SANDBOX_IN_PRODUCTION: isSandboxAllowed,
}: ProductionSettings): string[] {
  if (provider === undefined)
    return ['PAYMENT_PROVIDER is required in production: who charges the cards is not guessed.'];
  if (provider === 'sandbox' && !isSandboxAllowed)
    return [
      'PAYMENT_PROVIDER is sandbox, which sells tickets for no money: ALLOW_SANDBOX_IN_PRODUCTION=true allows that.',
    ];
  return [];
}

function keySetFaults({ AUTH_JWKS_URL: url }: ProductionSettings): string[] {
  return url === undefined || /^https:/i.test(url)
    ? []
    : ['AUTH_JWKS_URL must be https: whoever can change the keys on their way can be anyone.'];
}

function secretFaults(settings: ProductionSettings): string[] {
  const given: [name: string, bytes: Buffer][] = [
    ...listed('AUTH_JWT_SECRET', [settings.AUTH_JWT_SECRET ?? []].flat(), textBytes),
    ...listed('PAYLOAD_ENCRYPTION_KEYS', settings.PAYLOAD_ENCRYPTION_KEYS, ({ key }) => key),
    ...listed('PAYMENT_EVENTS_SECRET', settings.PAYMENT_EVENTS_SECRET ?? [], (secret) =>
      Buffer.from(withoutPrefix(secret), 'base64'),
    ),
    // Stripe signs with the text itself.
    ...listed('STRIPE_WEBHOOK_SECRET', settings.STRIPE_WEBHOOK_SECRET ?? [], (secret) =>
      textBytes(withoutPrefix(secret)),
    ),
  ];
  return given.flatMap(([name, bytes]) => {
    const weakness = weaknessOf(bytes);
    return weakness === undefined ? [] : [`${name} ${weakness}: make one by chance.`];
  });
}

function listed<T>(name: string, secrets: readonly T[], bytesOf: (secret: T) => Buffer) {
  return secrets.map((secret): [string, Buffer] => [name, bytesOf(secret)]);
}

const textBytes = (text: string) => Buffer.from(text, 'utf8');

const withoutPrefix = (secret: string) => secret.replace(/^whsec_/, '');

/**
 * As many as a key of AES-256 or the digest of HS256 has: a shorter secret is the weakest part of
 * what it protects.
 */
const MIN_BYTES = 32;

function weaknessOf(bytes: Buffer): string | undefined {
  if (bytes.length < MIN_BYTES) return `has fewer than ${String(MIN_BYTES)} bytes`;
  if (isMostlyOneByte(bytes)) return 'repeats one byte';
  return isSeries(bytes) ? 'is a series that anyone could continue' : undefined;
}

/**
 * Whether one byte is more than half of all. Of 32 random digits that happens once in a million
 * million times.
 */
function isMostlyOneByte(bytes: Buffer): boolean {
  const counts = new Map<number, number>();
  for (const byte of bytes) counts.set(byte, (counts.get(byte) ?? 0) + 1);
  return Math.max(...counts.values()) * 2 > bytes.length;
}

/** Whether each byte is as far from the one before as all others are. */
function isSeries(bytes: Buffer): boolean {
  const steps = bytes.subarray(1).map((byte, index) => byte - (bytes[index] ?? 0));
  return steps.every((step) => step === steps[0]);
}
