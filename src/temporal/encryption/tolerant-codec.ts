import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { UnreadablePayload } from './codec';
import { TOO_LARGE } from './payload-converter';

/** More than any message of ours has. Further arguments are dropped before they are decoded. */
const MAX_ARGUMENTS = 8;

/**
 * Three times the largest booking: nine passengers and their infants, with the longest names.
 * Parsing a megabyte can take a second, and a workflow task has three for everything.
 */
const MAX_BYTES = 64 * 1024;

/**
 * The codec of workers: what others send to a workflow never blocks it. A payload that can't be
 * decrypted is passed on as it is, and the workflows' payload converter recognizes its encoding.
 *
 * Inputs and results of activities are our own, and wait for their key: decoding them throws as
 * before.
 */
export function tolerateSenders(codec: PayloadCodec): PayloadCodec {
  return {
    encode: (payloads, context) => codec.encode(payloads, context),
    decode: async (payloads, context) => {
      if (!isSentToWorkflow(context)) return codec.decode(payloads, context);
      const heard = payloads.slice(0, MAX_ARGUMENTS).map((payload) => {
        return sizeOf(payload) > MAX_BYTES ? TOO_LARGE : payload;
      });
      try {
        return await codec.decode(heard);
      } catch {
        return Promise.all(heard.map((payload) => decodeOrLeave(codec, payload)));
      }
    },
  };
}

/**
 * Whether it was sent to a workflow: as an argument of a signal, update or query, or as its input.
 */
function isSentToWorkflow(context: SerializationContext | undefined): boolean {
  return context?.type === 'workflow';
}

async function decodeOrLeave(codec: PayloadCodec, payload: Payload): Promise<Payload> {
  try {
    const [decoded = payload] = await codec.decode([payload]);
    return decoded;
  } catch (error) {
    if (error instanceof UnreadablePayload) return payload;
    throw error;
  }
}

function sizeOf({ metadata, data }: Payload): number {
  const parts = [data, ...Object.values(metadata ?? {})];
  return parts.reduce((bytes, part) => bytes + (part?.length ?? 0), 0);
}
