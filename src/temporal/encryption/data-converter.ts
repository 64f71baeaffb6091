import type { DataConverter, PayloadCodec } from '@temporalio/common';

/** The module that makes failures secret: for those who bundle workflows, which take it along. */
export const FAILURE_CONVERTER_PATH = require.resolve('./failure-converter');

/** How everyone of ours talks to Temporal: clients and workers alike, else they don't understand each other. */
export function createDataConverter(codec: PayloadCodec): DataConverter {
  return { payloadCodecs: [codec], failureConverterPath: FAILURE_CONVERTER_PATH };
}
