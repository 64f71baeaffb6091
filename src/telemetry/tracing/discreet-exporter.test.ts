import { SpanStatusCode } from '@opentelemetry/api';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { discreet } from './discreet-exporter';

test('of what went wrong the kind is told, and none of its words', () => {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [new SimpleSpanProcessor(discreet(exporter))];
  const tracer = new NodeTracerProvider({ spanProcessors }).getTracer('test');
  const span = tracer.startSpan('RunActivity:reserveSeats');
  const error = new TypeError('Ada Lovelace has no seat');
  span.recordException(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
  span.setAttributes({ 'http.url': '/?name=Ada', 'enduser.id': 'ada', 'http.status_code': 500 });
  span.end();

  const [told] = exporter.getFinishedSpans();
  expect(told).toMatchObject({
    name: 'RunActivity:reserveSeats',
    attributes: { 'http.status_code': 500 },
    events: [{ name: 'exception', attributes: { 'exception.type': 'TypeError' } }],
    status: { code: SpanStatusCode.ERROR },
  });
  expect(told!.spanContext()).toEqual(span.spanContext());
  const words = JSON.stringify([told!.attributes, told!.events, told!.status]);
  expect(words).not.toMatch(/ada/i);
});
