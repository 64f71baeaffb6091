import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import { UnreadablePayload } from './codec';

/** More than any message of ours has. What comes beyond is dropped, before it costs anything. */
const MAX_ARGUMENTS = 8;

/**
 * The codec as workers need it: what others send to a workflow never stops it. A payload that can't be decrypted stays as it is, and the
 * payload converter of workflows tells it by its encoding.
 *
 * Inputs and results of activities are our own, and wait for their key: for them decoding throws as before.
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
  try {
    const [decoded = payload] = await codec.decode([payload]);
    return decoded;
  } catch (error) {
    if (error instanceof UnreadablePayload) return payload;
    throw error;
  }
}
