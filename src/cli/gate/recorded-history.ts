/** The key of every recorded history. It is no secret: what they hold was made up. */
export const RECORDED_WITH = `test:${Buffer.alloc(32, 'test').toString('base64')}`;

/**
 * How a recorded history is stored in a file: as the SDK has it in memory, with bytes in base64.
 *
 * The SDK's own JSON can't be used: its functions fail where npm gives each of its packages a
 * protobufjs of its own.
 */
interface Bytes {
  base64: string;
}

export function formatHistory(history: object): string {
  return `${JSON.stringify(plain(history), null, 1)}\n`;
}

export function parseHistory(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) =>
    isBytes(value) ? Buffer.from(value.base64, 'base64') : value,
  );
}

/** Who recorded it, and where, is private, and does not matter to a replay. */
const ABOUT_THE_MACHINE = ['identity', 'stackTrace'];

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(plain);
  if (isLong(value)) return value.toNumber();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== null && field !== undefined)
      .map(([key, field]) => [key, ABOUT_THE_MACHINE.includes(key) ? 'recorded' : plain(field)]),
  );
}

function isLong(value: unknown): value is { toNumber(): number } {
  return typeof value === 'object' && value !== null && 'toNumber' in value;
}

function isBytes(value: unknown): value is Bytes {
  return (
    typeof value === 'object' &&
    value !== null &&
    'base64' in value &&
    typeof value.base64 === 'string'
  );
}
