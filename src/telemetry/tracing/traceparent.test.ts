import { placeOf, spanIdOfMessage, spanIdOfRun, traceparentOf } from './traceparent';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';

test.each(['00', '01'])(
  'a traceparent is handed on as it came, wanted or not: flags %s',
  (flags) => {
    const traceparent = `00-${TRACE_ID}-${SPAN_ID}-${flags}`;
    expect(traceparentOf(placeOf(traceparent)!)).toBe(traceparent);
  },
);

test.each(['', 'nonsense', `00-${TRACE_ID}-${SPAN_ID}`, `00-${TRACE_ID}-${SPAN_ID}-01; x`])(
  'what is no traceparent is none: "%s"',
  (text) => {
    expect(placeOf(text)).toBeUndefined();
  },
);

test('the spans of a run and of its messages have IDs of their own, the same ones each time', () => {
  const runId = '01a2137b-1090-72e4-9800-cbb0959cfd22';
  const other = '01a2137c-0126-701c-94f9-8fc99c117d1a';
  const ids = [
    spanIdOfRun(runId),
    spanIdOfRun(other),
    spanIdOfMessage(runId, SPAN_ID),
    spanIdOfMessage(other, SPAN_ID),
    spanIdOfMessage(runId, spanIdOfMessage(runId, '0000000000000001')),
    SPAN_ID,
  ];
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/);
  expect(new Set(ids).size).toBe(ids.length);
  expect(spanIdOfMessage(runId, SPAN_ID)).toBe(ids[2]);
});
