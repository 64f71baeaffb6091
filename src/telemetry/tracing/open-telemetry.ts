import { IncomingMessage } from 'node:http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import { detectResourcesSync, envDetectorSync, Resource } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { OpenTelemetryWorkflowClientInterceptor } from '@temporalio/interceptors-opentelemetry/lib/client';
import { OpenTelemetryActivityInboundInterceptor } from '@temporalio/interceptors-opentelemetry/lib/worker';
import type { Logger } from '../logger';
import { discreet } from './discreet-exporter';
import { propagator } from './propagator';
import { reporting } from './reporting-exporter';
import type { RouteOf, Tracing } from './tracing';
import { workflowSinks } from './workflow-spans';

/**
 * A batch that a collector takes longer for is lost: nothing waits for traces, least of all the end
 * of a process.
 */
const SEND_TIMEOUT_MS = 2_000;

/** Health checks and scrapes are not traced, nor are the queries that they cause. */
const PROBES = ['/livez', '/readyz', '/metrics'];

/**
 * Starts tracing, and exports traces by OTLP over HTTP, as protobuf, to
 * `OTEL_EXPORTER_OTLP_ENDPOINT`. The libraries also read OpenTelemetry's other variables, such as
 * `OTEL_TRACES_SAMPLER`.
 */
export function openTracing(serviceName: string, logger: Logger, routeOf: RouteOf): Tracing {
  const resource = Resource.default()
    .merge(detectResourcesSync({ detectors: [envDetectorSync] }))
    .merge(new Resource({ 'service.name': serviceName }));
  const exporter = new OTLPTraceExporter({ timeoutMillis: SEND_TIMEOUT_MS });
  const processor = new BatchSpanProcessor(reporting(discreet(exporter), logger));
  const tracerProvider = new NodeTracerProvider({ resource, spanProcessors: [processor] });
  tracerProvider.register({ propagator });
  registerInstrumentations({ tracerProvider, instrumentations: instrumentationsOf(routeOf) });
  // Each instruments its module when that is next required, even if it was loaded before. Knex
  // requires `pg` whenever it opens a pool.
  for (const name of ['http', 'https'] as const) process.getBuiltinModule(name);

  return {
    clientInterceptors: { workflow: [new OpenTelemetryWorkflowClientInterceptor()] },
    activityInterceptors: [
      (activity) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(activity) }),
    ],
    sinks: workflowSinks(processor, resource),
    // It rejects when the collector is unavailable, which has been reported.
    stop: () => tracerProvider.shutdown().catch(() => undefined),
  };
}

function instrumentationsOf(routeOf: RouteOf) {
  return [
    new HttpInstrumentation({
      ignoreIncomingRequestHook: ({ url = '' }) => PROBES.includes(url.split('?')[0] ?? ''),
      applyCustomAttributesOnSpan: (span, request) => {
        if (!(request instanceof IncomingMessage)) return;
        const route = routeOf(request);
        span.updateName(`${request.method ?? 'GET'} ${route}`).setAttribute('http.route', route);
      },
    }),
    new PgInstrumentation({
      // Queries outside any request and activity, such as those of a metric, make no trace.
      requireParentSpan: true,
      requestHook: (span, { query }) => span.updateName(query.name ?? nameOfStatement(query.text)),
    }),
  ];
}

/** Returns the operation and the table, as in `INSERT bookings`. */
function nameOfStatement(sql: string): string {
  const [, verb = 'SQL'] = /^\s*(\w+)/.exec(sql) ?? [];
  const [, table] = /\b(?:from|into|update)\s+([\w."]+)/i.exec(sql) ?? [];
  return [verb.toUpperCase(), table?.replaceAll('"', '')].join(' ').trim();
}
