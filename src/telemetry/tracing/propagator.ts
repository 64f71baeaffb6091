import type { TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api';
import { TRACE_PARENT_HEADER, W3CTraceContextPropagator } from '@opentelemetry/core';

const w3c = new W3CTraceContextPropagator();

/**
 * Propagates the caller's trace, and nothing else. `tracestate` and `baggage` hold what callers
 * like, and would be stored in clear in workflows' histories.
 */
export const propagator: TextMapPropagator = {
  fields: () => [TRACE_PARENT_HEADER],
  inject: (context, carrier, setter: TextMapSetter) => {
    const set: typeof setter.set = (target, key, value) => {
      if (key === TRACE_PARENT_HEADER) setter.set(target, key, value);
    };
    w3c.inject(context, carrier, { set });
  },
  extract: (context, carrier, getter: TextMapGetter) => {
    const get: typeof getter.get = (source, key) =>
      key === TRACE_PARENT_HEADER ? getter.get(source, key) : undefined;
    return w3c.extract(context, carrier, { keys: (source) => getter.keys(source), get });
  },
};
