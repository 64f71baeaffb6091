import { ExportResultCode } from '@opentelemetry/core';
import type { SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { Logger } from '../logger';

/**
 * The same exporter, whose failures are in the log: the first of a row, and that it is over. A lost
 * trace is no reason to act now.
 */
export function reporting(exporter: SpanExporter, logger: Logger): SpanExporter {
  let isLosing = false;
  return {
    export: (spans, done) => {
      exporter.export(spans, (result) => {
        const isLost = result.code === ExportResultCode.FAILED;
        if (isLost && !isLosing) logger.warn('Traces are being lost', { error: result.error });
        if (!isLost && isLosing) logger.info('Traces are being received again');
        isLosing = isLost;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}
