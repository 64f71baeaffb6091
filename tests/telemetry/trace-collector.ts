import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import root from '@opentelemetry/otlp-transformer/build/src/generated/root';
import { waitUntil } from '../../src/cli/wait';
import { PATIENCE_MS } from '../support/patience';

/** A span as it was received, with its IDs in hexadecimal. */
export interface ReceivedSpan {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  attributes: Record<string, unknown>;
  startedAtMs: number;
  endedAtMs: number;
  hasFailed: boolean;
}

interface KeyValue {
  key: string;
  value: { stringValue?: string; intValue?: number };
}

/** The parts of an OTLP message that are looked at. */
interface Span extends Record<'traceId' | 'spanId', Uint8Array> {
  parentSpanId?: Uint8Array;
  name: string;
  attributes?: KeyValue[];
  startTimeUnixNano: number;
  endTimeUnixNano: number;
  status?: { code?: number };
}

interface ExportRequest {
  resourceSpans: {
    resource: { attributes: KeyValue[] };
    scopeSpans: { spans: Span[] }[];
  }[];
}

interface MessageType {
  decode(bytes: Uint8Array): unknown;
  toObject(message: unknown, options: object): ExportRequest;
}

/** The protobuf messages as OpenTelemetry has them; its declarations leave them out. */
const { ExportTraceServiceRequest } = (
  root as unknown as {
    opentelemetry: {
      proto: { collector: { trace: { v1: { ExportTraceServiceRequest: MessageType } } } };
    };
  }
).opentelemetry.proto.collector.trace.v1;

/** Receives traces by OTLP over HTTP, as a collector does. */
export async function openTraceCollector() {
  const bodies: Buffer[] = [];
  const spans: ReceivedSpan[] = [];
  const receive: RequestListener = (req, res) => {
    void buffer(req).then((body) => {
      bodies.push(body);
      spans.push(...spansIn(body));
      res.setHeader('Content-Type', 'application/x-protobuf').end();
    });
  };
  let server = await listen(receive);
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };

  return {
    url: `http://127.0.0.1:${String(port)}`,
    spans,
    /** All that was sent, as it was sent. */
    bytes: () => Buffer.concat(bodies),
    /** Waits for spans that are as they should be, and are so many. */
    async received(is: (span: ReceivedSpan) => boolean, count = 1): Promise<ReceivedSpan[]> {
      await waitUntil(() => spans.filter(is).length >= count, {
        timeoutMs: PATIENCE_MS,
        onTimeout: () => new Error(`Not there among:\n${draw(spans)}`),
      });
      return spans.filter(is);
    },
    /** Is gone: whoever sends something is refused. */
    close,
    /** Takes what it is sent from now on, and never answers. */
    async fallSilent(): Promise<void> {
      await close();
      server = await listen(() => undefined, port);
    },
  };
}

async function listen(listener: RequestListener, port = 0): Promise<Server> {
  const server = createServer(listener);
  // Else it closes idle connections as the next spans come on one of them, which then are lost.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

function spansIn(body: Buffer): ReceivedSpan[] {
  const message = ExportTraceServiceRequest.decode(body);
  const { resourceSpans } = ExportTraceServiceRequest.toObject(message, { longs: Number });
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(plain(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => read(span, service)));
  });
}

function read(span: Span, service: string): ReceivedSpan {
  return {
    service,
    name: span.name,
    traceId: hex(span.traceId),
    spanId: hex(span.spanId),
    parentSpanId: hex(span.parentSpanId),
    attributes: plain(span.attributes),
    startedAtMs: span.startTimeUnixNano / 1e6,
    endedAtMs: span.endTimeUnixNano / 1e6,
    hasFailed: span.status?.code === STATUS_CODE_ERROR,
  };
}

/** Of OTLP; not the code of the API of the same name. */
const STATUS_CODE_ERROR = 2;

function hex(bytes: Uint8Array = new Uint8Array()): string {
  return Buffer.from(bytes).toString('hex');
}

function plain(attributes: KeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value: { stringValue, intValue } }) => [key, stringValue ?? intValue]),
  );
}

/** Spans as trees, in the order in which things began. */
export function draw(spans: ReceivedSpan[]): string {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const branch = (span: ReceivedSpan, indent: string): string => {
    const ms = (span.endedAtMs - span.startedAtMs).toFixed(1);
    const below = spans.filter(({ parentSpanId }) => parentSpanId === span.spanId);
    return [
      `${indent}${span.name} (${span.service}) ${ms} ms`,
      ...inOrder(below).map((child) => branch(child, `${indent}  `)),
    ].join('\n');
  };
  const roots = spans.filter(({ parentSpanId }) => !ids.has(parentSpanId));
  return inOrder(roots)
    .map((root) => branch(root, ''))
    .join('\n');
}

function inOrder(spans: ReceivedSpan[]): ReceivedSpan[] {
  return spans.toSorted((one, other) => one.startedAtMs - other.startedAtMs);
}

export type TraceCollector = Awaited<ReturnType<typeof openTraceCollector>>;
