/**
 * Where something happens: in which trace, and under which of its spans. It travels as W3C's
 * `traceparent` (https://www.w3.org/TR/trace-context/), on HTTP and in Temporal's headers. Bundled
 * with workflows: no library, no clock, no chance.
 */
export interface TracePlace {
  traceId: string;
  spanId: string;
  /** Whether whoever began the trace wants it to be kept. */
  isSampled: boolean;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

export function placeOf(traceparent: string): TracePlace | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, isSampled: (parseInt(flags, 16) & 1) === 1 };
}

export function traceparentOf({ traceId, spanId, isSampled }: TracePlace): string {
  return `00-${traceId}-${spanId}-0${isSampled ? 1 : 0}`;
}

/**
 * The span of a whole workflow run, by the 62 random bits that its ID ends with: a replay, on
 * whatever worker, finds the same one.
 */
export function spanIdOfRun(runId: string): string {
  return runId.replaceAll('-', '').slice(-16);
}

/**
 * The span of one message to a run. Each message comes from a span of its own, so that each
 * combination is another one.
 */
export function spanIdOfMessage(runId: string, senderSpanId: string): string {
  const bits = BigInt(`0x${spanIdOfRun(runId)}`) ^ BigInt(`0x${senderSpanId}`);
  return bits.toString(16).padStart(16, '0');
}
