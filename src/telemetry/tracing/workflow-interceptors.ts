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

/** What a workflow tells of itself: the run as a whole, or the handling of one message. */
export interface WorkflowSpan {
  name: string;
  place: TracePlace;
  parentSpanId: string;
  /** In workflow time. */
  startedAtMs: number;
  endedAtMs: number;
  errorType?: string;
}

/**
 * How spans get out of the workflows' sandbox. Temporal leaves out what was told before, when a
 * workflow is replayed.
 */
export interface TraceSinks extends Sinks {
  traces: { tell(span: WorkflowSpan): void };
}

const { traces } = proxySinks<TraceSinks>();

/**
 * Hands a trace on from whoever starts a workflow, or sends it a message, to the activities that it
 * takes.
 *
 * These are in every bundle. Nothing here waits, takes a turn more, or draws a random number, and a
 * message without a trace is left alone: a workflow replays alike whether traces are on, off, or
 * were turned on meanwhile. OpenTelemetry's own library would be evaluated anew for each workflow,
 * and made each a third dearer: see docs/adr/0011-workflows-hand-traces-on-themselves.md.
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  const { runId, workflowType } = workflowInfo();
  let run: TracePlace | undefined;
  /** Messages that wait for their answer, oldest first. */
  const waiting: TracePlace[] = [];

  /**
   * An activity belongs to the message that has waited longest: the main body of our workflows acts
   * for whoever asked, one after the other. While nobody waits, it acts for itself.
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
 * Does the work and tells about it afterwards. The promise is the work's own: a wrapped one would
 * take a turn more.
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
 * Where `@temporalio/interceptors-opentelemetry`, which clients and activities use, puts a trace
 * and looks for it.
 */
const TRACE_HEADER = '_tracer-data';

/** Anyone may start a workflow, with any header: one that can't be read is none. */
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

/** What kind of failure it was; its words stay behind. */
function typeOf(error: unknown): string {
  if (error instanceof ApplicationFailure) return error.type ?? error.name;
  return error instanceof Error ? error.name : 'unknown';
}
