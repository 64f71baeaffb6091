import { randomUUID } from 'node:crypto';
import { refundState, refundWorkflowId, settleRefund } from '../../src/temporal/contracts/refund';
import { newKey } from '../api/client';
import { openCrashShop, type CrashShop } from '../reliability/crash-shop';
import { moneyAtProvider } from '../reliability/exactness';
import type { Gate } from '../reliability/gates';
import type { FlightOnSale } from '../support/flights';
import { terminate } from '../support/terminate';
import {
  askForChange,
  DECLINED_CARD,
  flightsOnSale,
  hold,
  migrate,
  quoteChange,
  sell,
  sisterOf,
  until,
  untilProviderKeeps,
  untilRefunded,
  visit,
  type Answered,
  type Customer,
  type Visitor,
} from './customer';
import { takeOut, type EarlierBuild } from './earlier-build';

/**
 * Bookings begin on an earlier build, really run, and end on this one: some on the schema as it was,
 * others while the migrations of this build are done and the earlier processes still serve.
 */

const PAYMENT_WINDOW_SECONDS = 1_200;
const OPENING_MS = 600_000;

/** Builds that have been released, and what they could do. */
const EARLIER: [commit: string, what: string, can: { canChange: boolean }][] = [
  ['76480f11', 'whose workflows end with the sale', { canChange: false }],
  ['4a29cc77', 'that changes bookings', { canChange: true }],
];

const LEAVES_IN_MS = 15_000;

describe.each(EARLIER)('bookings that begin on %s, a build %s', (commit, _, { canChange }) => {
  let build: EarlierBuild;
  let shop: CrashShop;
  let flights: FlightOnSale[];
  const gates: Gate[] = [];

  const begun = {} as Record<
    | 'held'
    | 'heldMeanwhile'
    | 'declined'
    | 'cancelling'
    | 'cancellingMeanwhile'
    | 'changing'
    | 'disrupted'
    | 'leaving'
    | 'refunded'
    | 'owed',
    Customer
  >;
  let creating: Visitor;
  let paying: Customer;
  let changed: { customer: Customer; key: string; quoteId: string } | undefined;

  beforeAll(async () => {
    build = await takeOut(commit);
    shop = await openCrashShop(PAYMENT_WINDOW_SECONDS, {}, build.root);
    flights = await flightsOnSale(shop);

    begun.held = await hold(shop, next());
    begun.declined = await hold(shop, next());
    begun.declined.answers.paid = await begun.declined.payOnce(DECLINED_CARD);
    expect(begun.declined.answers.paid.status).toBe(402);
    begun.cancelling = await sell(shop, next());
    begun.changing = await sell(shop, next());
    begun.disrupted = await sell(shop, next());
    begun.leaving = await sell(shop, next());
    begun.owed = await hold(shop, next());
    await begun.owed.payExternally(transferTo(begun.owed));

    await migrate(shop);
    begun.heldMeanwhile = await hold(shop, next());
    begun.cancellingMeanwhile = await sell(shop, next());

    begun.refunded = await sell(shop, next());
    await beginRefund(begun.refunded);

    creating = await visit(shop, next());
    gates.push(await shop.gates.claim(creating.customerId));
    void creating.createOnce().catch(() => undefined);
    paying = await hold(shop, next());
    gates.push(await shop.gates.provider(paying.paymentId, 'capture'));
    void paying.payOnce().catch(() => undefined);
    if (canChange) changed = await beginChange(shop, await sell(shop, next()), gates);
    for (const gate of gates) await gate.reached();
    await shop.restart(() => Promise.resolve());
  }, OPENING_MS);

  afterAll(async () => {
    // What could not be opened need not be closed.
    await (shop as CrashShop | undefined)?.close();
    (build as EarlierBuild | undefined)?.remove();
  }, OPENING_MS);

  /**
   * Has a refund stand still at the provider. A worker of the release before changes can't record
   * refunds on this schema, and tries again and again: the cancellation itself stands still then.
   */
  async function beginRefund({ paymentId, bookingId, ask }: Customer): Promise<void> {
    const gate = await shop.gates.providersChange(paymentId);
    const { status } = await ask(`/${bookingId}/cancel`, {});
    expect(status).toBe(canChange ? 200 : 503);
    if (canChange) gates.push(gate);
    else await gate.open();
  }

  /** Each booking has a flight of its own. */
  function next(): FlightOnSale {
    const flight = flights.shift();
    if (flight === undefined) throw new Error('Bug: too few flights are on sale');
    return flight;
  }

  test.each(['held', 'heldMeanwhile'] as const)('%s: is paid for, once', async (which) => {
    const { pay: payNow, booking, charges, read } = begun[which];
    const paid = await payNow(booking);
    expect(paid.status).toBe(201);
    expect((await payNow(booking)).text).toBe(paid.text);
    expect(await charges()).toEqual(['captured']);
    expect(await read()).toMatchObject({ status: 'booked', price: booking.price });
  });

  test('keys get the answers that they had, to the byte', async () => {
    for (const customer of [begun.held, begun.cancelling, begun.heldMeanwhile])
      expect(await customer.createOnce()).toEqual(customer.answers.created);
    for (const customer of [begun.cancelling, begun.changing, begun.cancellingMeanwhile])
      expect(await customer.payOnce()).toEqual(customer.answers.paid);
    const { declined } = begun;
    expect(problemOf(await declined.payOnce(DECLINED_CARD))).toEqual(
      problemOf(declined.answers.paid ?? { status: 0, text: '{}' }),
    );
    expect(await declined.charges()).toEqual(['declined']);
    expect((await declined.cancel(declined.booking)).body.status).toBe('cancelled');
  });

  test('a create and a payment that were under way are finished, once', async () => {
    const created = await creating.create();
    expect(created).toMatchObject({ status: 201, body: { status: 'pending' } });
    expect((await creating.seats()).held).toBe(1);
    const paid = await paying.pay(paying.booking);
    expect(paid).toMatchObject({ status: 201, body: { status: 'captured' } });
    expect(await paying.charges()).toEqual(['captured']);
    expect((await creating.cancel(created.body)).status).toBe(200);
  });

  test.each(['cancelling', 'cancellingMeanwhile'] as const)(
    '%s: is cancelled, and refunded as quoted',
    async (which) => {
      const customer = begun[which];
      const { booking, client, cancel } = customer;
      const quote = (await client.quote(booking)).body;
      expect((await cancel(booking)).body).toMatchObject({ status: 'cancelled' });
      await untilRefunded(customer);
      expect(await moneyAtProvider(shop.db, booking.id)).toBe(
        booking.price.amount - quote.refund.amount,
      );
      expect((await customer.seats()).sold).toBe(0);
    },
  );

  test('a sold one is changed, and the change paid', async () => {
    const customer = begun.changing;
    const other = await sisterOf(shop, customer.flight);
    const quote = await quoteChange(customer, other);
    const change = await askForChange(customer, newKey(), quote.id);
    expect(change).toMatchObject({ status: 201, body: { status: 'completed' } });
    await untilProviderKeeps(shop, customer, quote.newTotal.amount + quote.fee.amount);
    expect((await customer.seats()).sold).toBe(0);
  });

  test('a change that was under way is completed, and paid once', async () => {
    if (changed === undefined) return;
    const { customer, key, quoteId } = changed;
    const change = await askForChange(customer, key, quoteId);
    expect(change).toMatchObject({ status: 201, body: { status: 'completed' } });
    const { price } = await customer.read();
    const { rows } = await shop.db.raw<{ rows: [{ fee: number }] }>(
      'SELECT fee_amount AS fee FROM changes WHERE booking_id = ?',
      [customer.bookingId],
    );
    await untilProviderKeeps(shop, customer, price.amount + rows[0].fee);
  });

  test('a sold one whose flight is cancelled gets all of it back', async () => {
    const { operator, flight, client, booking, read, cancel } = begun.disrupted;
    const ordered = await operator.post(
      `/api/v1/flights/${flight.id}/schedule-changes`,
      { kind: 'cancelled', reason: 'Fog.' },
      { 'x-idempotency-key': newKey() },
    );
    expect(ordered.status).toBe(202);
    await until('the offer', async () => (await read()).scheduleChange?.kind === 'cancelled');
    expect((await client.quote(booking)).body.refund).toMatchObject({
      amount: booking.price.amount,
    });
    expect((await cancel(booking)).status).toBe(200);
    await untilRefunded(begun.disrupted);
    expect(await moneyAtProvider(shop.db, booking.id)).toBe(0);
  });

  test('a sold one flies: its workflow is there again, and ends with the departure', async () => {
    const { flight, workflow, booking } = begun.leaving;
    // One that is open waits for the hour at which the flight was to leave. One that has ended by
    // itself is found by the comparison of all, as by night.
    if (canChange) await terminate(shop.temporal, workflow.workflowId);
    const departure_at = new Date(Date.now() + LEAVES_IN_MS);
    await shop.db('flights').where({ id: flight.id }).update({ departure_at });
    expect(await shop.reconcile({ auditsEverything: !canChange })).toMatchObject({
      restoredWorkflows: expect.arrayContaining([booking.id]) as unknown,
    });
    expect(await workflow.result()).toMatchObject({ status: 'booked' });
  });

  test('money that was on its way back arrives, and what waited for a person can be settled', async () => {
    await until('the cancellation', async () => (await begun.refunded.read()).refund !== null);
    await untilRefunded(begun.refunded);
    expect(await begun.refunded.refunds()).toHaveLength(1);
    const [paymentId = ''] = await shop
      .db('payments')
      .where({ booking_id: begun.owed.bookingId, provider: 'bank' })
      .pluck<string[]>('id');
    const refund = shop.temporal.workflow.getHandle(refundWorkflowId(paymentId));
    expect(await refund.query(refundState)).toMatchObject({ status: 'needs_operator' });
    const settlement = { settledBy: 'operator-1', note: 'Returned by bank transfer' };
    expect(await refund.executeUpdate(settleRefund, { args: [settlement] })).toMatchObject({
      status: 'succeeded',
    });
  });

  test('no workflow has stood still on the new build, and all books agree', async () => {
    const workflows = shop.temporal.workflow.list({ query: 'TaskQueue = "bookings"' });
    for await (const { workflowId, runId } of workflows) {
      const { events } = await shop.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
      const causes = (events ?? []).flatMap(
        ({ workflowTaskFailedEventAttributes: failed }) => failed?.failure?.message ?? [],
      );
      expect({ workflowId, causes }).toEqual({ workflowId, causes: [] });
    }
    expect(await shop.audit()).toEqual([]);
  });
});

function transferTo({ bookingId }: Customer) {
  return { amount: 1, currency: 'USD', provider: 'bank', providerPaymentId: `t-${bookingId}` };
}

/** Has a change stand still between its hold and its end. */
async function beginChange(shop: CrashShop, customer: Customer, gates: Gate[]) {
  const { id: quoteId } = await quoteChange(customer, await sisterOf(shop, customer.flight));
  const key = randomUUID();
  gates.push(await shop.gates.bindingOf(customer.customerId, 'changes', key));
  void askForChange(customer, key, quoteId).catch(() => undefined);
  return { customer, key, quoteId };
}

function problemOf({ status, text }: Answered) {
  const { requestId, ...problem } = JSON.parse(text) as Record<string, unknown>;
  return { status, problem, hasRequestId: typeof requestId };
}
