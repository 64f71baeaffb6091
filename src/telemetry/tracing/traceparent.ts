/**
 * A position in a trace: the trace, and one of its spans. It is sent as W3C's `traceparent`
 * (https://www.w3.org/TR/trace-context/), in HTTP and in Temporal's headers. Bundled with
 * workflows, so it uses no library, no clock and no random numbers.
 */
export interface TracePlace {
  traceId: string;
  spanId: string;
  /** Whether the trace's origin wants it to be recorded. */
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
 * Returns the span ID of a whole workflow run: the end of its run ID, which has 62 random bits. A
 * replay gets the same one on any worker.
 */
export function spanIdOfRun(runId: string): string {
  return runId.replaceAll('-', '').slice(-16);
}

/**
 * Returns the span ID of one message to a run. Each message comes from a span of its own, so each
 * combination is unique.
 */
export function spanIdOfMessage(runId: string, senderSpanId: string): string {
  const bits = BigInt(`0x${spanIdOfRun(runId)}`) ^ BigInt(`0x${senderSpanId}`);
  return bits.toString(16).padStart(16, '0');
}
