import { ExportResultCode } from '@opentelemetry/core';
import type { SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { Logger } from '../logger';

/**
 * Returns the same exporter, whose failures are logged: the first of a series, and its end. A lost
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
