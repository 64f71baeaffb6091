import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { hrTimeDuration, millisToHrTime } from '@opentelemetry/core';
import type { IResource } from '@opentelemetry/resources';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { InjectedSinks } from '@temporalio/worker';
import type { TraceSinks, WorkflowSpan } from './workflow-interceptors';

/** Adds the spans of workflows to those of the worker that runs them. */
export function workflowSinks(
  processor: SpanProcessor,
  resource: IResource,
): InjectedSinks<TraceSinks> {
  return {
    traces: {
      tell: {
        fn: ({ workflowId, runId }, span) => {
          const attributes = { temporalWorkflowId: workflowId, run_id: runId };
          processor.onEnd({ ...spanOf(span, attributes), resource });
        },
      },
    },
  };
}

function spanOf(
  { name, place, parentSpanId, startedAtMs, endedAtMs, errorType }: WorkflowSpan,
  attributes: Record<string, string>,
): Omit<ReadableSpan, 'resource'> {
  const [startTime, endTime] = [millisToHrTime(startedAtMs), millisToHrTime(endedAtMs)];
  const { traceId, spanId } = place;
  return {
    name,
    kind: SpanKind.INTERNAL,
    spanContext: () => ({ traceId, spanId, traceFlags: TraceFlags.SAMPLED }),
    parentSpanId,
    startTime,
    endTime,
    duration: hrTimeDuration(startTime, endTime),
    ended: true,
    status: { code: errorType === undefined ? SpanStatusCode.OK : SpanStatusCode.ERROR },
    attributes: errorType === undefined ? attributes : { ...attributes, 'error.type': errorType },
    events: [],
    links: [],
    instrumentationLibrary: { name: 'flight-bookings-workflows' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
