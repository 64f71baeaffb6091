import {
  DefaultPayloadConverter,
  encodingTypes,
  METADATA_ENCODING_KEY,
  type ConverterHint,
  type Payload,
  type SerializationContext,
} from '@temporalio/common';
import { encode } from '@temporalio/common/lib/encoding';
import { timesOf, Unreadable } from '../contracts/unreadable';

/**
 * Reads payloads as the SDK does, with one exception: what others have sent to a workflow, and
 * can't be decoded, becomes an {@link Unreadable}. The SDK's own converter throws. That fails the
 * workflow task as long as the message is in the history: for ever.
 *
 * Everything else still throws. Results of activities wait for the worker that has their key.
 */
class TolerantPayloadConverter extends DefaultPayloadConverter {
  override fromPayload<T>(
    payload: Payload,
    context?: SerializationContext,
    hint?: ConverterHint<T>,
  ): T {
    if (context?.type !== 'workflow') return super.fromPayload<T>(payload, context, hint);
    const encoding = textOf(payload.metadata?.[METADATA_ENCODING_KEY]);
    if (encoding === 'too-large')
      return new Unreadable('never', 'It is too large.', timesOf(payload)) as T;
    if (!KNOWN_ENCODINGS.includes(encoding)) return unknownEncoding(payload, encoding) as T;
    try {
      return super.fromPayload<T>(payload, context, hint);
    } catch {
      return new Unreadable(
        'never',
        `It is not ${encoding}, as its sender says.`,
        timesOf(payload),
      ) as T;
    }
  }
}

/** What a codec puts in place of a payload that is too large to decode. */
export const TOO_LARGE: Payload = {
  metadata: { [METADATA_ENCODING_KEY]: encode('too-large') },
};

const KNOWN_ENCODINGS: readonly string[] = [
  encodingTypes.METADATA_ENCODING_NULL,
  encodingTypes.METADATA_ENCODING_RAW,
  encodingTypes.METADATA_ENCODING_JSON,
];

/** Returns an unreadable argument: our codec leaves what it can't decrypt as it is. */
function unknownEncoding(payload: Payload, encoding: string): Unreadable {
  if (encoding === '')
    return new Unreadable('never', 'Its sender names no encoding.', timesOf(payload));
  const key = textOf(payload.metadata?.['encryption-key-id']);
  const where = key === '' ? '' : ` with the key "${key}"`;
  return new Unreadable(
    'may_be_read_later',
    `Its encoding is "${encoding}"${where}: this worker does not have that key, or the data are damaged.`,
    timesOf(payload),
  );
}

/** Enough to tell one encoding or key from another; longer names are cut off. */
const MAX_NAME_BYTES = 100;

/**
 * Decodes the name of an encoding or key, which is ASCII. Other bytes are shown as question marks.
 */
function textOf(bytes: Uint8Array | null | undefined): string {
  const name = [...(bytes ?? []).slice(0, MAX_NAME_BYTES)];
  return name.map((byte) => (isVisible(byte) ? String.fromCharCode(byte) : '?')).join('');
}

function isVisible(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}

/** Workers load it into the workflows' sandbox. */
export const payloadConverter = new TolerantPayloadConverter();

/** Whether a workflow that receives the payload can read it. */
export function isReadable(payload: Payload): boolean {
  const context = { type: 'workflow', namespace: '', workflowId: '' } as const;
  return !(payloadConverter.fromPayload<unknown>(payload, context) instanceof Unreadable);
}
