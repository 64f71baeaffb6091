import { randomUUID } from 'node:crypto';
import { waitUntil } from '../../src/cli/wait';
import type { Booking } from '../../src/domain/booking';
import type { Client } from '../api/client';
import { tokenOf } from '../support/api';
import { putFlightOnSale, type FlightOnSale } from '../support/flights';
import { expectReplayable } from '../support/replay';
import { quietRuntime, STARTING_MS } from '../support/shop';
import {
  draw,
  openTraceCollector,
  type ReceivedSpan,
  type TraceCollector,
} from './trace-collector';
import { openWatchedStack, type WatchedStack } from './watched-stack';
import { PATIENCE_MS } from '../support/patience';

/** What a collector receives of a booking and its payment. */

/** Nobody who reads traces may learn these. */
const PLANTED = {
  givenName: 'Plantedgivenname',
  familyName: 'Plantedfamilyname',
  email: 'planted@example.com',
  customerId: 'planted-customer',
  bookingKey: 'planted-booking-key',
  paymentKey: 'planted-payment-key',
  changeKey: 'planted-change-key',
  paymentMethod: 'pm_card_chargeDeclined',
  reference: 'PLANTD',
  userAgent: 'planted-agent',
  traceState: 'planted-state',
  baggage: 'planted-baggage',
};

/** As another service's own tracing makes it. */
const CALLER = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

let collector: TraceCollector;
let stack: WatchedStack;
let flight: FlightOnSale;
let customer: Client;
let booking: Booking;

beforeAll(async () => {
  quietRuntime();
  collector = await openTraceCollector();
  stack = await openWatchedStack({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_BSP_SCHEDULE_DELAY: '100',
  });
  flight = await putFlightOnSale(stack.db, { seats: 12 });
  const { givenName, familyName, email, customerId, bookingKey, paymentKey } = PLANTED;
  customer = await stack.customer(customerId);
  const party = { passengers: [{ givenName, familyName }], contact: { email } };
  booking = (await customer.create(flight, party, bookingKey)).body;
  const { paymentMethod } = PLANTED;
  expect(await customer.pay(booking, { paymentMethod })).toMatchObject({ status: 402 });
  expect(await customer.pay(booking, {}, paymentKey)).toMatchObject({ status: 201 });
  const change = `/api/v1/bookings/${booking.id}/change`;
  const other = await putFlightOnSale(stack.db, { seats: 12 });
  const quote = await customer.post<{ id: string }>(`${change}-quotes`, {
    slices: [{ replaces: 0, flightIds: [other.id] }],
  });
  const byCard = { quoteId: quote.body.id, paymentMethod: 'pm_card_visa' };
  const key = { 'x-idempotency-key': PLANTED.changeKey };
  expect(await customer.post(`${change}s`, byCard, key)).toMatchObject({ status: 201 });
  // Its workflow would stay open until departure.
  expect(await customer.cancel(booking)).toMatchObject({ status: 200 });
  await collector.received(({ name }) => name === 'RunWorkflow:bookingWorkflow');
  await collector.received(({ name }) => name === 'POST /api/v1/bookings/payments', 2);
}, STARTING_MS);

afterAll(async () => {
  await stack.close();
  await collector.close();
}, STARTING_MS);

/** What led to a span, beginning with the request. */
function wayTo(span: ReceivedSpan): string[] {
  const cause = collector.spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [...(cause === undefined ? [] : wayTo(cause)), `${span.service}: ${span.name}`];
}

function traceOf({ traceId }: ReceivedSpan): ReceivedSpan[] {
  return collector.spans.filter((span) => span.traceId === traceId);
}

test.each([
  [
    'hold_seats',
    [
      'flight-bookings-api: POST /api/v1/bookings',
      'flight-bookings-api: UpdateWithStartWorkflow:awaitReservation',
      'flight-bookings-worker: HandleUpdate:awaitReservation',
      'flight-bookings-worker: RunActivity:reserveSeats',
      'flight-bookings-worker: hold_seats',
    ],
  ],
  [
    'sell_seats',
    [
      'flight-bookings-api: POST /api/v1/bookings/payments',
      'flight-bookings-api: StartWorkflowUpdate:makePayment',
      'flight-bookings-worker: HandleUpdate:makePayment',
      'flight-bookings-worker: RunActivity:payByCard',
      'flight-bookings-worker: sell_seats',
    ],
  ],
  [
    'hold_seats_beside',
    [
      'flight-bookings-api: POST /api/v1/bookings/:id/changes',
      'flight-bookings-api: UpdateWithStartWorkflow:changeBooking',
      'flight-bookings-worker: HandleUpdate:changeBooking',
      'flight-bookings-worker: RunActivity:holdChange',
      'flight-bookings-worker: hold_seats_beside',
    ],
  ],
])('one trace leads from a request through Temporal to %s', (statement, way) => {
  const spans = collector.spans.filter(({ name }) => name === statement);
  expect(spans.map(wayTo)).toEqual([way]);
  const trace = traceOf(spans[0]!);
  // All of it hangs together: what caused a span is there, but for the request's own cause.
  expect(draw(trace).match(/^\S/gm)).toHaveLength(1);
  expect(new Set(trace.map(({ spanId }) => spanId)).size).toBe(trace.length);
});

test('the span of a whole workflow lies under the request that started it, and names the booking', async () => {
  const [run] = await collector.received(({ name }) => name === 'RunWorkflow:bookingWorkflow');
  expect(wayTo(run!)[0]).toBe('flight-bookings-api: POST /api/v1/bookings');
  expect(run!.attributes).toMatchObject({ temporalWorkflowId: booking.workflowId });
  expect(run!.endedAtMs).toBeGreaterThan(run!.startedAtMs);
});

test("a caller's own trace goes on; a refusal is seen by its status", async () => {
  const { traceId, spanId } = CALLER;
  const { reference, userAgent, traceState, baggage, email } = PLANTED;
  const headers = {
    traceparent: `00-${traceId}-${spanId}-01`,
    tracestate: `vendor=${traceState}`,
    baggage: `user=${baggage}`,
    'user-agent': userAgent,
  };
  const path = `/api/v1/bookings/${email}?reference=${reference}`;
  expect(await customer.get(path, headers)).toMatchObject({ status: 404 });
  const body = { flightId: flight.id, passengers: [{ givenName: 'Grace', familyName: 'Hopper' }] };
  expect(await customer.post('/api/v1/bookings', body, headers)).toMatchObject({ status: 201 });
  const requests = await collector.received(({ parentSpanId }) => parentSpanId === spanId, 2);
  expect(requests).toMatchObject([
    { traceId, name: 'GET /api/v1/bookings/:id', attributes: { 'http.status_code': 404 } },
    { traceId, name: 'POST /api/v1/bookings', attributes: { 'http.status_code': 201 } },
  ]);
});

test("what a caller doesn't want to be kept is not, by any process", async () => {
  const traceId = randomUUID().replaceAll('-', '');
  const unwanted = { traceparent: `00-${traceId}-${CALLER.spanId}-00` };
  const body = { flightId: flight.id, passengers: [{ givenName: 'Grace', familyName: 'Hopper' }] };
  expect(await customer.post('/api/v1/bookings', body, unwanted)).toMatchObject({ status: 201 });
  const isNext = ({ name }: ReceivedSpan) => name === 'GET /api/v1/bookings';
  expect(await customer.list()).toMatchObject({ status: 200 });
  await collector.received(isNext);
  expect(collector.spans.filter((span) => span.traceId === traceId)).toEqual([]);
});

test('who only asks whether we are well makes no trace', () => {
  expect(draw(collector.spans)).not.toMatch(/metrics|livez|readyz/);
});

test('the log says which trace a line belongs to', () => {
  const [created] = collector.spans.filter(({ name }) => name === 'POST /api/v1/bookings');
  const answers = stack
    .logOf('api')
    .filter(({ traceId, message }) => traceId === created!.traceId && message === 'Answered');
  expect(answers).toMatchObject([{ workflowId: booking.workflowId, status: 201 }]);
});

test('no trace names a person, a card, a key or a token', async () => {
  await collector.received(({ parentSpanId }) => parentSpanId === CALLER.spanId, 2);
  const { header, payload, signature } = partsOf(await tokenOf({ sub: PLANTED.customerId }));
  const sent = collector.bytes();
  expect(sent.toString('latin1')).toContain('INSERT INTO passengers');
  const secrets = [...Object.values(PLANTED), header, payload, signature, 'Bearer'];
  expect(secrets.filter((secret) => sent.includes(secret))).toEqual([]);
});

/**
 * Issued at another moment, a token of the same person has another signature; its beginning is the
 * same.
 */
function partsOf(token: string) {
  const [header = '', payload = '', signature = ''] = token.split('.');
  return { header, payload: payload.slice(0, 20), signature };
}

test('a booking that was traced goes on where nobody traces', async () => {
  const { workflowId } = booking;
  const history = await stack.temporal.workflow.getHandle(workflowId).fetchHistory();
  expect(JSON.stringify(history)).toContain('_tracer-data');
  await expectReplayable(workflowId, history);
});

test('a collector that is gone, or that never answers, keeps nobody waiting', async () => {
  await collector.close();
  expect(await customer.create(flight)).toMatchObject({ status: 201 });
  const losses = () => stack.logOf('api').filter(({ message }) => message === LOST);
  await waitUntil(() => losses().length > 0, {
    timeoutMs: PATIENCE_MS,
    onTimeout: () => new Error('The API has not noticed that its traces are lost'),
  });
  await collector.fallSilent();
  const held = await customer.create(flight);
  expect(await customer.pay(held.body)).toMatchObject({ status: 201 });
  const toldToStopAt = Date.now();
  expect(await stack.stop()).toEqual([0, 0]);
  expect(Date.now() - toldToStopAt).toBeLessThan(5_000);
  expect(losses()).toMatchObject([{ level: 'warn' }]);
  expect(stack.logOf('worker').filter(({ level }) => level === 'error')).toEqual([]);
});

const LOST = 'Traces are being lost';
