import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node';

/**
 * What may be told of a span. All else that libraries note stays here: addresses and user agents of
 * people, URLs with what they hold, words of exceptions, and whatever a later version of theirs
 * adds.
 */
const TOLD = new Set([
  'http.method',
  'http.route',
  'http.status_code',
  'db.system',
  'db.name',
  // With placeholders: the values are no part of it.
  'db.statement',
  // Of those whom we call; the host names that callers send are `net.host.name` and `http.host`.
  'net.peer.name',
  'temporalWorkflowId',
  'run_id',
  'temporalUpdateId',
  'temporalActivityId',
  'exception.type',
  'error.type',
]);

/** The same exporter, told nothing of a person. */
export function discreet(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => {
      exporter.export(spans.map(withoutPersonalData), done);
    },
    shutdown: () => exporter.shutdown(),
  };
}

/** A view of the span: it may still be looked at by others. */
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
