import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';

/**
 * The attributes of a span that are exported. All others that libraries add are dropped: addresses
 * and user agents of people, URLs, messages of exceptions, and whatever a later version of theirs
 * adds.
 */
const TOLD = new Set([
  'http.method',
  'http.route',
  'http.status_code',
  'db.system',
  'db.name',
  // With placeholders, without the values.
  'db.statement',
  // Of servers that we call; the host names that callers send are `net.host.name` and `http.host`.
  'net.peer.name',
  'temporalWorkflowId',
  'run_id',
  'temporalUpdateId',
  'temporalActivityId',
  'exception.type',
  'error.type',
]);

/** Returns the same exporter, which gets no personal data. */
export function discreet(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => {
      exporter.export(spans.map(withoutPersonalData), done);
    },
    shutdown: () => exporter.shutdown(),
  };
}

/** Returns a view of the span, which others may still read. */
function withoutPersonalData(span: ReadableSpan): ReadableSpan {
  const view: Partial<ReadableSpan> = {
    attributes: told(span.attributes),
    events: span.events.map((event) => ({ ...event, attributes: told(event.attributes) })),
    status: { code: span.status.code },
  };
  return Object.assign(Object.create(span) as ReadableSpan, view);
}

function told(attributes: Attributes = {}): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => TOLD.has(name)));
}
