import { ApplicationFailure, defaultPayloadConverter, type Headers } from '@temporalio/common';
import {
  proxySinks,
  workflowInfo,
  type Sinks,
  type WorkflowInterceptorsFactory,
} from '@temporalio/workflow';
import {
  placeOf,
  spanIdOfMessage,
  spanIdOfRun,
  traceparentOf,
  type TracePlace,
} from './traceparent';

/** A span of a workflow: the whole run, or the handling of one message. */
export interface WorkflowSpan {
  name: string;
  place: TracePlace;
  parentSpanId: string;
  /** In workflow time, in milliseconds. */
  startedAtMs: number;
  endedAtMs: number;
  errorType?: string;
}

/** How spans get out of the workflows' sandbox. Temporal skips the calls of a replay. */
export interface TraceSinks extends Sinks {
  traces: { tell(span: WorkflowSpan): void };
}

const { traces } = proxySinks<TraceSinks>();

/**
 * Propagates a trace from the sender of a message, or from the client that starts a workflow, to
 * the activities that it causes.
 *
 * These interceptors are in every bundle. Nothing here waits, adds a microtask, or draws a random
 * number, and a message without a trace is unchanged. So a workflow replays alike whether tracing
 * is on, off, or was turned on meanwhile.
 *
 * OpenTelemetry's own library would be evaluated again for each workflow, which would then cost a
 * third more: see docs/adr/0011-workflows-hand-traces-on-themselves.md.
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  const { runId, workflowType } = workflowInfo();
  let run: TracePlace | undefined;
  /** Messages that are being handled, oldest first. */
  const waiting: TracePlace[] = [];

  /**
   * Assigns an activity to the oldest message that is being handled: the main body of our workflows
   * handles messages one after the other. Without one, it belongs to the run.
   */
  function onBehalf<Step extends { headers: Headers }>(step: Step): Step {
    const place = waiting[0] ?? run;
    return place === undefined
      ? step
      : { ...step, headers: { ...step.headers, [TRACE_HEADER]: headerOf(place) } };
  }

  function handle<T>(name: string, headers: Headers, handler: () => Promise<T>): Promise<T> {
    const sender = senderIn(headers);
    if (sender === undefined) return handler();
    const place = { ...sender, spanId: spanIdOfMessage(runId, sender.spanId) };
    waiting.push(place);
    const answer = told(name, place, sender, handler);
    const answered = () => void waiting.splice(waiting.indexOf(place), 1);
    answer.then(answered, answered);
    return answer;
  }

  return {
    inbound: [
      {
        execute: (input, next) => {
          const starter = senderIn(input.headers);
          if (starter === undefined) return next(input);
          run = { ...starter, spanId: spanIdOfRun(runId) };
          return told(`RunWorkflow:${workflowType}`, run, starter, () => next(input));
        },
        handleUpdate: (input, next) =>
          handle(`HandleUpdate:${input.name}`, input.headers, () => next(input)),
        handleSignal: (input, next) =>
          handle(`HandleSignal:${input.signalName}`, input.headers, () => next(input)),
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(onBehalf(input)),
        scheduleLocalActivity: (input, next) => next(onBehalf(input)),
      },
    ],
  };
};

/**
 * Runs the work and reports its span afterwards. Returns the work's own promise: a wrapped one
 * would add a microtask.
 */
function told<T>(
  name: string,
  place: TracePlace,
  { spanId: parentSpanId }: TracePlace,
  work: () => Promise<T>,
): Promise<T> {
  const startedAtMs = Date.now();
  const tell = (outcome: { errorType?: string }) => {
    if (!place.isSampled) return;
    traces.tell({ name, place, parentSpanId, startedAtMs, endedAtMs: Date.now(), ...outcome });
  };
  const result = work();
  result.then(
    () => {
      tell({});
    },
    (error: unknown) => {
      tell({ errorType: typeOf(error) });
    },
  );
  return result;
}

/**
 * The header in which `@temporalio/interceptors-opentelemetry`, used by clients and activities,
 * sends a trace.
 */
const TRACE_HEADER = '_tracer-data';

/**
 * Returns the sender's position. Anyone may start a workflow with any header: an unreadable one
 * counts as none.
 */
function senderIn(headers: Headers): TracePlace | undefined {
  const payload = headers[TRACE_HEADER];
  if (payload === undefined) return undefined;
  try {
    const { traceparent } = defaultPayloadConverter.fromPayload<{ traceparent: string }>(payload);
    return placeOf(traceparent);
  } catch {
    return undefined;
  }
}

function headerOf(place: TracePlace) {
  return defaultPayloadConverter.toPayload({ traceparent: traceparentOf(place) });
}

/** Returns the type of a failure, without its message. */
function typeOf(error: unknown): string {
  if (error instanceof ApplicationFailure) return error.type ?? error.name;
  return error instanceof Error ? error.name : 'unknown';
}
