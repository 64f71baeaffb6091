import type { DataConverter, PayloadCodec } from '@temporalio/common';
import { tolerateSenders } from './tolerant-codec';

/** The module that encrypts failures; a bundle of workflows includes it. */
const FAILURE_CONVERTER_PATH = require.resolve('./failure-converter');

/** The module with which workflows read payloads; a bundle of workflows includes it, too. */
const PAYLOAD_CONVERTER_PATH = require.resolve('./payload-converter');

/** The converters of a bundle of workflows. */
export const BUNDLED_CONVERTERS = {
  failureConverterPath: FAILURE_CONVERTER_PATH,
  payloadConverterPath: PAYLOAD_CONVERTER_PATH,
} as const;

/** The converter of our clients. A result that can't be decoded is an error. */
export function createDataConverter(codec: PayloadCodec): DataConverter {
  return { payloadCodecs: [codec], failureConverterPath: FAILURE_CONVERTER_PATH };
}

/**
 * The converter of our workers, and of replays. Reads what clients send. A message that can't be
 * decoded blocks no workflow.
 */
export function createWorkerDataConverter(codec: PayloadCodec): DataConverter {
  return { payloadCodecs: [tolerateSenders(codec)], ...BUNDLED_CONVERTERS };
}
