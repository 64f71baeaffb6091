import type { DataConverter, PayloadCodec } from '@temporalio/common';
import { tolerateSenders } from './tolerant-codec';

/** The module that makes failures secret: for those who bundle workflows, which take it along. */
const FAILURE_CONVERTER_PATH = require.resolve('./failure-converter');

/** The module by which workflows read what they are sent, likewise. */
const PAYLOAD_CONVERTER_PATH = require.resolve('./payload-converter');

/** What a bundle of workflows is made with. */
export const BUNDLED_CONVERTERS = {
  failureConverterPath: FAILURE_CONVERTER_PATH,
  payloadConverterPath: PAYLOAD_CONVERTER_PATH,
} as const;

/** How clients of ours talk to Temporal. An answer that can't be decoded is an error. */
export function createDataConverter(codec: PayloadCodec): DataConverter {
  return { payloadCodecs: [codec], failureConverterPath: FAILURE_CONVERTER_PATH };
}

/**
 * How workers of ours, and replays, talk to Temporal. Understands what clients say; a message that
 * can't be decoded stops no workflow.
 */
export function createWorkerDataConverter(codec: PayloadCodec): DataConverter {
  return { payloadCodecs: [tolerateSenders(codec)], ...BUNDLED_CONVERTERS };
}
