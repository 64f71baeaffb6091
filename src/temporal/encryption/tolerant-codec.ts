import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { UnreadablePayload } from './codec';
import { TOO_LARGE } from './payload-converter';

/** More than any message of ours has. What comes beyond is dropped, before it costs anything. */
const MAX_ARGUMENTS = 8;

/**
 * Three times the largest booking: nine passengers and their infants, with the longest names.
 * Parsing a megabyte can take a second, and a workflow's task has three for all that came.
 */
const MAX_BYTES = 64 * 1024;

/**
 * The codec as workers need it: what others send to a workflow never stops it. A payload that can't
 * be decrypted stays as it is, and the payload converter of workflows tells it by its encoding.
 *
 * Inputs and results of activities are our own, and wait for their key: for them decoding throws as
 * before.
 */
export function tolerateSenders(codec: PayloadCodec): PayloadCodec {
  return {
    encode: (payloads, context) => codec.encode(payloads, context),
    decode: async (payloads, context) => {
      if (!isSentToWorkflow(context)) return codec.decode(payloads, context);
      const heard = payloads.slice(0, MAX_ARGUMENTS);
      return Promise.all(heard.map((payload) => decodeOrLeave(codec, payload)));
    },
  };
}

/** So are the arguments of signals, updates and queries, and what a workflow is started with. */
function isSentToWorkflow(context: SerializationContext | undefined): boolean {
  return context?.type === 'workflow';
}

async function decodeOrLeave(codec: PayloadCodec, payload: Payload): Promise<Payload> {
  if (sizeOf(payload) > MAX_BYTES) return TOO_LARGE;
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
