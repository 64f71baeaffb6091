import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { readStaffEvents } from '../../src/db/bookings/event-view';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { refundWorkflowId } from '../../src/temporal/contracts/refund';
import {
  BookingReferenceAttribute,
  FlightNumberAttribute,
} from '../../src/temporal/contracts/search-attributes';
import { testCodec } from '../support/encryption';
import { ADULT_PRICE } from '../support/flights';
import { newKey } from '../api/client';
import { STARTING_MS, untilRefund, untilSeen } from '../support/shop';
import { openCounter, type Counter } from './counter';

/**
 * An operator in the Temporal UI knows nothing of our code: what they read there is all that they
 * have to go by.
 */

let counter: Counter;

beforeAll(async () => {
  counter = await openCounter();
}, STARTING_MS);

afterEach(() => {
  counter.provider.repair();
});

afterAll(() => counter.close(), STARTING_MS);

const handleOf = (workflowId: string) => counter.env.client.workflow.getHandle(workflowId);

/** What a workflow's page says from its start. */
async function textOf(workflowId: string): Promise<{ summary: string; details: string }> {
  const description = await handleOf(workflowId).describe();
  const summary = (await description.staticSummary()) ?? '';
  const details = (await description.staticDetails()) ?? '';
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(400);
  expect(Buffer.byteLength(details)).toBeLessThanOrEqual(20_000);
  expect(`${summary} ${details}`).not.toMatch(/Ada|Lovelace|customer-|@/);
  for (const button of ['**Request Cancellation**', '**Terminate**', '**Reset**'])
    expect(details).toContain(button);
  expect(details).toContain('docs/operations.md');
  return { summary, details };
}

/** Sends the example of an update that the page gives, as an operator who copies it does. */
async function sendExample(workflowId: string, name: string): Promise<unknown> {
  const { details } = await textOf(workflowId);
  const fence = new RegExp(`\`${name}\`:[^]*?\`\`\`json\\s*([^]*?)\\s*\`\`\``);
  const [, example = ''] = fence.exec(details) ?? [];
  return handleOf(workflowId).executeUpdate(name, { args: [JSON.parse(example)] });
}

/** An external payment that pays for nothing: its refund waits for an operator. */
async function refundForAnOperator(booking: { id: string }): Promise<string> {
  const payment = { provider: 'bank', providerPaymentId: `transfer-${randomUUID()}` };
  await counter.paymentWorkflows.deliver(
    { bookingId: booking.id, ...ADULT_PRICE, ...payment },
    () => Promise.resolve('cancelled'),
  );
  const paymentId = externalPaymentId(payment);
  await untilRefund(counter.env, paymentId, 'needs_operator');
  return paymentId;
}

describe('a booking’s page says what it is, and what may be done:', () => {
  test('flight, route, departure, seats, cabin, price and reference', async () => {
    const { booking } = await counter.holdSeat();
    const { summary, details } = await textOf(booking.workflowId);
    const { flightNumber, departureAt } = booking.flight;
    expect(summary).toBe(`${booking.reference} · ${flightNumber} LHR → JFK, 1 economy seat`);
    for (const fact of [
      `Booking ${booking.reference}`,
      `${flightNumber}, LHR → JFK (London Heathrow → New York Kennedy)`,
      departureAt.replace('T', ' ').slice(0, 16),
      '1 economy seat',
      '120.00 USD',
      'refundable, less a fee of 50.00 USD',
    ])
      expect(details).toContain(fact);
  });

  test('the example of cancelBooking cancels it, in the name of who sends it', async () => {
    const { customer, booking } = await counter.holdSeat();
    expect(await sendExample(booking.workflowId, 'cancelBooking')).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'operator_request',
    });
    expect((await customer.events(booking)).body.data.at(-1)).toMatchObject({
      type: 'cancelled',
      actor: 'airline',
      reason: 'aircraft change',
    });
  });

  test('the example of cancelBooking cancels it when it is sold, too, with a full refund', async () => {
    const { booking } = await counter.sellSeat();
    expect(await sendExample(booking.workflowId, 'cancelBooking')).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'operator_request',
      refund: ADULT_PRICE,
    });
    expect(await handleOf(booking.workflowId).result()).toMatchObject({ status: 'cancelled' });
  });

  test('the example of retryPayment has the provider asked again', async () => {
    const { customer, booking } = await counter.holdSeat();
    const running = counter.provider.pause('authorize');
    const paying = customer.pay(booking);
    await running.reached;
    expect(await sendExample(booking.workflowId, 'retryPayment')).toMatchObject({
      activity: 'paying',
    });
    running.letIn();
    expect(await paying).toMatchObject({ status: 201 });
  });

  test('after a flight is moved, its present times, and the example of acceptScheduleChange', async () => {
    const { flight, booking } = await counter.sellSeat();
    const at = (hours: number) =>
      new Date(flight.departureAt.getTime() + hours * 60 * 60_000).toISOString();
    const times = ['--departs', at(10), '--arrives', at(18), '--reason', 'Fog.', '--as', 'op-7'];
    expect(await counter.ops('disrupt', flight.id, ...times)).toMatchObject({ exitCode: 0 });
    const { flightNumber } = booking.flight;
    const departs = at(10).replace('T', ' ').slice(0, 16);
    await untilDetailsBegin(booking, `**Now:** ${flightNumber} LHR → JFK ${departs} UTC.`);
    expect(await sendExample(booking.workflowId, 'acceptScheduleChange')).toMatchObject({
      status: 'booked',
      scheduleChange: { actionTaken: 'accepted' },
    });
  });

  test('after a change, the flights that it has now', async () => {
    const { customer, booking } = await counter.sellSeat();
    const other = await counter.flight({ seats: 2 });
    const change = `/api/v1/bookings/${booking.id}/change`;
    const { body: quote } = await customer.post<{ id: string }>(`${change}-quotes`, {
      slices: [{ replaces: 0, flightIds: [other.id] }],
    });
    const byCard = { quoteId: quote.id, paymentMethod: 'pm_card_visa' };
    const changed = await customer.post(`${change}s`, byCard, { 'x-idempotency-key': newKey() });
    expect(changed).toMatchObject({ status: 201 });
    const { flightNumber } = (await customer.read(booking.id)).body.flight;
    await untilDetailsBegin(booking, `**Now:** ${flightNumber} LHR → JFK `);
  });
});

/** Waits until the first line of a page's current details begins so. */
async function untilDetailsBegin({ workflowId }: { workflowId: string }, beginning: string) {
  await untilSeen(async () => {
    const { currentDetails = '' } = await handleOf(workflowId).query<Metadata>(
      '__temporal_workflow_metadata',
    );
    return currentDetails.startsWith(beginning) ? currentDetails : undefined;
  });
}

/** A sale that is cancelled, and whose provider does not hear of the refund at once. */
async function refundedApart() {
  const { customer, booking, payment } = await counter.sellSeat();
  counter.provider.lose('requests', 'refund');
  await customer.cancel(booking);
  await untilRefund(counter.env, payment.id, 'pending');
  counter.provider.repair();
  await untilRefund(counter.env, payment.id, 'succeeded');
  return { customer, booking, payment };
}

describe('so do the pages of refunds:', () => {
  test('the refund that a cancellation hands over is found by the booking’s reference', async () => {
    const { booking, payment } = await refundedApart();
    const refund = await textOf(refundWorkflowId(payment.id));
    expect(refund.summary).toBe(`Refunds 120.00 USD of booking ${booking.reference}`);
    for (const fact of [payment.id, '120.00 USD by sandbox', 'customer_request'])
      expect(refund.details).toContain(fact);
    const { typedSearchAttributes } = await handleOf(refundWorkflowId(payment.id)).describe();
    expect(typedSearchAttributes.get(BookingReferenceAttribute)).toBe(booking.reference);
    expect(typedSearchAttributes.get(FlightNumberAttribute)).toBe(booking.flight.flightNumber);
  });

  test('the examples of retryRefund and settleRefund are taken', async () => {
    const { customer, booking } = await counter.holdSeat();
    await customer.cancel(booking);
    const paymentId = await refundForAnOperator(booking);
    const workflowId = refundWorkflowId(paymentId);
    expect((await textOf(workflowId)).details).toContain('120.00 USD by bank');
    expect(await sendExample(workflowId, 'retryRefund')).toMatchObject({
      status: 'needs_operator',
    });
    expect(await sendExample(workflowId, 'settleRefund')).toMatchObject({ status: 'succeeded' });
    const told = (await readStaffEvents(counter.db, booking.id)).slice(-2);
    expect(told).toMatchObject([
      { type: 'refund_retried', actor: 'airline', by: 'op-7' },
      { type: 'refunded', actor: 'airline', by: 'op-7', note: 'returned by bank, SEPA 4711' },
    ]);
  });
});

/** What Temporal knows of a workflow's handlers. */
interface Metadata {
  currentDetails?: string;
  definition: Record<string, { name: string; description?: string }[]>;
}

test('every message that a workflow takes says what it does, what it takes, and whether it is for people', async () => {
  const { booking, payment } = await refundedApart();
  const ids = [booking.workflowId, refundWorkflowId(payment.id)];
  const messages = [];
  for (const id of ids) {
    const { definition } = await handleOf(id).query<Metadata>('__temporal_workflow_metadata');
    const { updateDefinitions = [], signalDefinitions = [], queryDefinitions = [] } = definition;
    messages.push(...updateDefinitions, ...signalDefinitions, ...queryDefinitions);
  }
  const ours = messages.filter(({ name }) => !name.startsWith('__'));
  expect(ours.map(({ name }) => name).sort()).toEqual([
    ...['acceptScheduleChange', 'awaitReservation', 'beginAnew', 'bookingState', 'cancelBooking'],
    ...['changeBooking', 'chooseSeats', 'correctName', 'makePayment', 'paymentReceived'],
    ...['paymentUpdated', 'refundState'],
    ...['retryPayment', 'retryRefund', 'scheduleChanged', 'settleRefund'],
  ]);
  for (const { description } of ours)
    expect(description).toMatch(/^[A-Z][a-z]+ .*Takes (\{ .* \}|nothing)[^]*\.$/);
  const forPeople = ours.filter(
    ({ description }) => description?.startsWith('Not for people: sent by ') !== true,
  );
  expect(forPeople.map(({ name }) => name).sort()).toEqual([
    ...['acceptScheduleChange', 'bookingState', 'cancelBooking', 'refundState', 'retryPayment'],
    ...['retryRefund', 'settleRefund'],
  ]);
});

test('the runbook names every update and signal: those for people, and those that are not', () => {
  const contracts = path.join(ROOT, 'src/temporal/contracts');
  const taken = readdirSync(contracts).flatMap((file) =>
    namesIn(
      readFileSync(path.join(contracts, file), 'utf8'),
      /define(?:Update|Signal)(?:<[^(]*>)?\(\s*'(\w+)'/g,
    ),
  );
  const runbook = readFileSync(path.join(ROOT, 'docs/operations.md'), 'utf8');
  const [, list = ''] = /begins with _Not for people_([^]*?)\. To report/.exec(runbook) ?? [];
  const forPeople = namesIn(runbook, /^\| `(\w+)` +\| `(?:booking|refund)-…` /gm);
  expect(forPeople).toHaveLength(5);
  expect([...forPeople, ...namesIn(list, /`(\w+)`/g)].sort()).toEqual(taken.sort());
});

function namesIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, name = '']) => name);
}

/** Markers of a version of the code have no summary: they are of no use to people. */
const LOCAL_ACTIVITY = 'core_local_activity';

test('every activity and every timer says in its summary what it is for', async () => {
  const { customer, booking, payment } = await refundedApart();
  const { booking: unpaid } = await counter.holdSeat();
  await customer.cancel(unpaid);
  const ids = [booking.workflowId, refundWorkflowId(payment.id)];
  const summaries: (string | undefined)[] = [];
  for (const id of ids)
    for (const event of (await handleOf(id).fetchHistory()).events ?? []) {
      const isNamed =
        event.activityTaskScheduledEventAttributes ??
        event.timerStartedEventAttributes ??
        event.markerRecordedEventAttributes?.markerName === LOCAL_ACTIVITY;
      if (!isNamed) continue;
      const payload = event.userMetadata?.summary;
      const [decoded] = payload ? await testCodec.decode([payload]) : [];
      summaries.push(decoded?.data ? String(JSON.parse(String(decoded.data))) : undefined);
    }
  expect(summaries.length).toBeGreaterThan(5);
  for (const summary of summaries) expect(summary).toMatch(/^[A-Z].{10,}/);
});
