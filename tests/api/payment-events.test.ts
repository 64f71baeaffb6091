import { randomUUID } from 'node:crypto';
import { waitUntil } from '../../src/cli/wait';
import { auditBooks } from '../../src/db/audit/auditor';
import { recordUnappliedPayment } from '../../src/db/external-payments/unapplied';
import type { Booking } from '../../src/domain/booking';
import { paymentReceived } from '../../src/temporal/contracts/booking';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import { refundWorkflowId, settleRefund } from '../../src/temporal/contracts/refund';
import {
  openApi,
  openStorefront,
  PAYMENT_EVENTS_SECRET,
  type ApiUnderTest,
  type Storefront,
} from '../support/api';
import { refundIn, STARTING_MS, untilRefund } from '../support/shop';
import { expectInvalid, expectRefused, type Client } from './client';
import type { Answer } from './contract';
import { PAYMENT_EVENTS, paymentEvent, signed, type PaymentEvent } from './signed-events';
import { PATIENCE_MS } from '../support/patience';

/** Other services tell of money that they took: it books, or it goes back, and is counted once. */

describe('money for a booking', () => {
  let store: Storefront;
  beforeAll(async () => {
    store = await openStorefront();
  }, STARTING_MS);
  afterEach(async () => {
    expect(await auditBooks(store.db)).toEqual([]);
  });
  afterAll(() => store.close());

  const tell = (event: PaymentEvent): Promise<Answer> =>
    store.anyone.send('POST', PAYMENT_EVENTS, signed(event));

  async function holder(): Promise<{ ada: Client; booking: Booking }> {
    const ada = await store.customer();
    const { body } = await ada.create(await store.flight());
    return { ada, booking: body };
  }

  /** A booking that was paid for: its workflow is open. */
  async function booked(): Promise<{ ada: Client; booking: Booking }> {
    const { ada, booking } = await holder();
    await ada.pay(booking);
    await store.settled(booking);
    return { ada, booking: (await ada.read(booking.id)).body };
  }

  const workflowOf = ({ workflowId }: Booking) => store.env.client.workflow.getHandle(workflowId);

  const paymentsOf = ({ data: { provider, providerPaymentId } }: PaymentEvent) =>
    store.db('payments').where({ provider, provider_payment_id: providerPaymentId });

  const refundOf = (event: PaymentEvent) =>
    store
      .db('refunds')
      .where({ payment_id: externalPaymentId(event.data) })
      .first();

  /** Tells of money that pays for nothing, and waits until a person is asked to give it back. */
  async function expectOwed(event: PaymentEvent, reason: string): Promise<void> {
    expect(await tell(event)).toMatchObject({ status: 202, text: '' });
    await untilRefund(store.env, externalPaymentId(event.data), 'needs_operator');
    const { amount, currency } = event.data;
    expect(await paymentsOf(event)).toMatchObject([
      { status: 'captured', applied: false, amount, currency },
    ]);
    expect(await refundOf(event)).toMatchObject({
      status: 'needs_operator',
      amount,
      currency,
      reason,
    });
  }

  /**
   * Opens a payment at our own provider, made by someone else there; captured, unless said
   * otherwise.
   */
  async function takenBySandbox(
    { id: bookingId }: { id: string },
    { amount = 12_000, isCaptured = true } = {},
  ): Promise<string> {
    const { gateway } = store.provider;
    const charge = { paymentId: `checkout-${randomUUID()}`, bookingId };
    const money = { amount, currency: 'USD' };
    const authorization = await gateway.authorize({
      ...charge,
      money,
      paymentMethod: 'pm_card_visa',
    });
    if (authorization.status !== 'authorized') throw new Error('Bug: the test card was declined');
    if (isCaptured) await gateway.capture(authorization.providerPaymentId);
    return authorization.providerPaymentId;
  }

  const returnedBySandbox = (providerPaymentId: string) =>
    store
      .db('sandbox_provider.refunds')
      .where({ payment_intent_id: providerPaymentId })
      .pluck('amount');

  test('that fits books it', async () => {
    const { ada, booking } = await holder();
    const event = paymentEvent(booking);
    expect(await tell(event)).toMatchObject({ status: 202, text: '' });
    await store.settled(booking);
    expect((await ada.read(booking.id)).body).toMatchObject({
      status: 'booked',
      payment: { id: externalPaymentId(event.data), status: 'captured', amount: 12_000 },
      refund: null,
      availableActions: ['cancel'],
    });
  });

  test('may name it in capital letters, and say when it was taken', async () => {
    const { ada, booking } = await holder();
    const event = paymentEvent({ id: booking.id.toUpperCase() });
    await tell({ ...event, timestamp: '2026-11-23T10:15:00+01:00' } as PaymentEvent);
    await store.settled(booking);
    expect((await ada.read(booking.id)).body.status).toBe('booked');
  });

  test('is told fifty times at once, by signal and by HTTP, and again later: it counts once', async () => {
    const { ada, booking } = await holder();
    const event = paymentEvent(booking);
    const { bookingId: _, ...signal } = event.data;
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_each, index) => {
        if (index % 5 > 0) return (await tell(event)).status;
        // A signal to a workflow that has ended fails; its sender posts the event instead.
        return workflowOf(booking)
          .signal(paymentReceived, signal as never)
          .then(() => 202)
          .catch(async () => (await tell(event)).status);
      }),
    );
    await store.settled(booking);
    answers.push((await tell(event)).status);
    await store.forget(booking);
    answers.push((await tell(event)).status);

    expect(new Set(answers)).toEqual(new Set([202]));
    expect(await paymentsOf(event)).toMatchObject([{ applied: true }]);
    expect(await refundOf(event)).toBeUndefined();
    const { body } = await ada.events(booking);
    expect(body.data.map(({ type }) => type)).toEqual(['seats_held', 'booked']);
  });

  test.each([
    ['too little', { amount: 11_999 }],
    ['too much: a million euros', { amount: 100_000_000, currency: 'EUR' }],
    ['another currency', { currency: 'EUR' }],
  ])('that is %s is owed back, and the hold goes on', async (_, details) => {
    const { ada, booking } = await holder();
    await expectOwed(paymentEvent(booking, details), 'amount_mismatch');
    expect((await ada.read(booking.id)).body).toMatchObject({
      status: 'pending',
      refund: { status: 'needs_operator', ...details },
      availableActions: ['pay', 'cancel'],
    });
    expect(await ada.pay(booking)).toMatchObject({ status: 201 });
  });

  test('that comes a second time is owed back, and the booking stays', async () => {
    const { ada, booking } = await booked();
    await expectOwed(paymentEvent(booking), 'second_payment');
    expect((await ada.read(booking.id)).body).toMatchObject({
      status: 'booked',
      payment: { id: booking.payment?.id },
    });
  });

  test('that comes after it was cancelled is owed back', async () => {
    const { ada, booking } = await holder();
    await ada.cancel(booking);
    await store.settled(booking);
    await expectOwed(paymentEvent(booking), 'booking_cancelled');
  });

  test('that comes after Temporal has dropped it is owed back', async () => {
    const { booking } = await booked();
    await store.forget(booking);
    await expectOwed(paymentEvent(booking), 'second_payment');
  });

  test('that comes after its workflow was terminated is late', async () => {
    const { booking } = await holder();
    await workflowOf(booking).terminate();
    await expectOwed(paymentEvent(booking), 'late');
  });

  test('that comes while the card is charged waits, and is owed back once that has worked', async () => {
    const { ada, booking } = await holder();
    const capture = store.provider.pause('capture');
    const paying = ada.pay(booking);
    await capture.reached;
    const event = paymentEvent(booking);
    await tell(event);
    capture.letIn();
    expect(await paying).toMatchObject({ status: 201 });
    await untilRefund(store.env, externalPaymentId(event.data), 'needs_operator');
    expect(await refundOf(event)).toMatchObject({ reason: 'second_payment' });
  });

  test('that we don’t know is owed back, and what it was for is on record', async () => {
    const event = paymentEvent({ id: randomUUID() });
    await expectOwed(event, 'unknown_booking');
    expect(await paymentsOf(event)).toMatchObject([
      { booking_id: null, reported_booking_id: event.data.bookingId },
    ]);
  });

  test('that has paid for another one changes nothing', async () => {
    const { booking } = await holder();
    const event = paymentEvent(booking);
    await tell(event);
    await store.settled(booking);
    const { ada, booking: other } = await holder();
    const { provider, providerPaymentId } = event.data;
    expect(await tell(paymentEvent(other, { provider, providerPaymentId }))).toMatchObject({
      status: 202,
    });
    expect((await ada.read(other.id)).body).toMatchObject({ status: 'pending', refund: null });
  });

  test('that a person has given back is settled, once', async () => {
    const { ada, booking } = await booked();
    const event = paymentEvent(booking, { amount: 500 });
    await expectOwed(event, 'second_payment');
    const refund = refundIn(store.env, externalPaymentId(event.data));
    const settlement = { settledBy: 'operator-1', note: 'Sent back by the bank.' };
    expect(await refund.executeUpdate(settleRefund, { args: [settlement] })).toMatchObject({
      status: 'succeeded',
    });
    expect(await refund.result()).toMatchObject({ status: 'succeeded', whyOperator: null });
    expect(await refundOf(event)).toMatchObject({
      status: 'succeeded',
      settled_by: 'operator-1',
      settlement_note: 'Sent back by the bank.',
      provider_refund_id: null,
    });
    const { body } = await ada.events(booking);
    expect(body.data.at(-1)).toMatchObject({ type: 'refunded', actor: 'airline' });

    // The same news once more finds it settled.
    expect(await tell(event)).toMatchObject({ status: 202 });
    expect(await refund.describe()).toMatchObject({ status: { name: 'COMPLETED' } });
  });

  describe('of our own provider', () => {
    const ofSandbox = (booking: { id: string }, providerPaymentId: string, details = {}) =>
      paymentEvent(booking, { provider: 'sandbox', providerPaymentId, ...details });

    /** Waits until the report is on record; answers its row. */
    async function recorded(event: PaymentEvent, status: string) {
      const isThere = async () => (await paymentsOf(event))[0]?.status === status;
      await waitUntil(isThere, {
        timeoutMs: PATIENCE_MS,
        onTimeout: () => new Error(`The payment is not on record as ${status}`),
      });
      return (await paymentsOf(event))[0];
    }

    test('books when it has captured the price for this booking', async () => {
      const { ada, booking } = await holder();
      const event = ofSandbox(booking, await takenBySandbox(booking));
      await tell(event);
      await store.settled(booking);
      expect((await ada.read(booking.id)).body).toMatchObject({ status: 'booked', refund: null });
    });

    test.each<[string, (booking: Booking) => Promise<string>]>([
      ['it does not have', () => Promise.resolve(`spi_${randomUUID()}`)],
      ['it has for another booking', () => takenBySandbox({ id: randomUUID() })],
      [
        'it has reserved and not taken',
        (booking) => takenBySandbox(booking, { isCaptured: false }),
      ],
    ])(
      'and which %s pays for nothing, is on record, and nobody is told to give it back',
      async (_, make) => {
        const { ada, booking } = await holder();
        const event = ofSandbox(booking, await make(booking));
        expect(await tell(event)).toMatchObject({ status: 202, text: '' });
        expect(await recorded(event, 'not_found')).toMatchObject({
          booking_id: booking.id,
          applied: false,
          captured_at: null,
        });
        expect(await refundOf(event)).toBeUndefined();
        expect((await ada.read(booking.id)).body).toMatchObject({
          status: 'pending',
          payment: null,
          refund: null,
        });
        expect(await ada.pay(booking)).toMatchObject({ status: 201 });
        await store.settled(booking);
        await ada.cancel((await ada.read(booking.id)).body);
        expect(await refundOf(event)).toBeUndefined();
        await store
          .db('sandbox_provider.payment_intents')
          .where({ id: event.data.providerPaymentId })
          .delete();
      },
    );

    test('and which it does not have, for a booking that has ended, is on record, and owed to nobody', async () => {
      const { booking } = await booked();
      const event = ofSandbox(booking, `spi_${randomUUID()}`);
      await tell(event);
      await recorded(event, 'not_found');
      expect(await refundOf(event)).toBeUndefined();
    });

    test.each([
      ['a booked booking', async () => (await booked()).booking],
      ['a booking that we don’t know', () => Promise.resolve({ id: randomUUID() })],
    ])('goes back by itself, when it was for %s', async (_, find) => {
      const paidFor = await find();
      const providerPaymentId = await takenBySandbox(paidFor);
      const event = ofSandbox(paidFor, providerPaymentId);
      await Promise.all(Array.from({ length: 5 }, () => tell(event)));
      await untilRefund(store.env, externalPaymentId(event.data), 'succeeded');
      expect(await refundOf(event)).toMatchObject({ status: 'succeeded', amount: 12_000 });
      expect(await returnedBySandbox(providerPaymentId)).toEqual([12_000]);
    });

    test('and of which it says another amount is on record as it took it, and that goes back', async () => {
      const { booking } = await holder();
      const providerPaymentId = await takenBySandbox(booking, { amount: 1 });
      const event = ofSandbox(booking, providerPaymentId);
      await tell(event);
      await untilRefund(store.env, externalPaymentId(event.data), 'succeeded');
      expect(await refundOf(event)).toMatchObject({ amount: 1, reason: 'amount_mismatch' });
      expect(await returnedBySandbox(providerPaymentId)).toEqual([1]);
    });

    test('told under the ID of a charge of ours is no second payment', async () => {
      const { ada, booking } = await booked();
      const payment = await store.db('payments').where({ booking_id: booking.id }).first();
      const providerPaymentId = payment?.provider_payment_id ?? '';
      expect(
        await tell(paymentEvent(booking, { provider: 'sandbox', providerPaymentId })),
      ).toMatchObject({ status: 202 });
      expect((await ada.read(booking.id)).body).toMatchObject({ status: 'booked', refund: null });
    });
  });

  /**
   * More than the hundred that are put on record at a time; `tests/reliability` sends thousands.
   */
  const FLOOD = 150;

  test(`in a flood of ${FLOOD} is all on record, and nothing is lost`, async () => {
    const { booking: paid } = await booked();
    const { booking: held } = await holder();
    const events = Array.from({ length: FLOOD }, (_, index) =>
      paymentEvent([paid, held, { id: randomUUID() }][index % 3] as { id: string }, {
        amount: index + 1,
        provider: 'flood',
      }),
    );
    await Promise.all(events.map(tellUntilHeard));
    const recorded = () =>
      store.db('payments').where({ provider: 'flood' }).orderBy('amount').pluck('amount');
    await waitUntil(async () => (await recorded()).length === events.length, {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => new Error('Not all of the money is on record'),
    });
    expect(await recorded()).toEqual(events.map(({ data }) => data.amount));
    expect(await store.db('received_payment_events')).toEqual([]);
    await expectFoundByOperators();
  });

  test('that waits for our own charge is on record when the workflow is terminated meanwhile', async () => {
    const { ada, booking } = await holder();
    const authorization = store.provider.pause('authorize');
    const paying = ada.pay(booking);
    await authorization.reached;
    const event = paymentEvent(booking);
    await tell(event);
    await workflowOf(booking).terminate();
    await expectOnRecord(event);
    expect(await refundOf(event)).toMatchObject({ status: 'needs_operator', reason: 'late' });
    authorization.letIn();
    await paying;
  });

  async function expectOnRecord(event: PaymentEvent): Promise<void> {
    await waitUntil(async () => (await paymentsOf(event)).length === 1, {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => new Error('The payment is not on record'),
    });
  }

  /** Sends an event as its senders do: again, when it could not be taken. */
  async function tellUntilHeard(event: PaymentEvent): Promise<void> {
    for (;;) {
      const { status } = await tell(event);
      if (status === 202) return;
      expect(status).toBe(503);
    }
  }

  const idsOfOpenRefunds = () =>
    store.db('refunds').where({ status: 'needs_operator' }).pluck<string[]>('payment_id');

  /** What waits for a person is found by one query of the database, and by one in Temporal. */
  async function expectFoundByOperators(): Promise<void> {
    const expected = (await idsOfOpenRefunds()).map(refundWorkflowId).sort();
    const query = "RefundStatus = 'needs_operator' AND ExecutionStatus = 'Running'";
    const found = async () => {
      const ids: string[] = [];
      for await (const { workflowId } of store.env.client.workflow.list({ query }))
        ids.push(workflowId);
      return ids.sort();
    };
    // The search index is a moment behind.
    await waitUntil(async () => (await found()).length === expected.length, {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => new Error('Temporal does not find what waits for a person'),
    });
    expect(await found()).toEqual(expected);
  }
});

describe('an event', () => {
  const NEXT_SECRET = `whsec_${Buffer.from('the-secret-of-tomorrow').toString('base64')}`;
  const EVENT = paymentEvent({ id: randomUUID() });

  let backend: ApiUnderTest;
  beforeAll(async () => {
    backend = await openApi();
    // News of money that is on record needs no Temporal.
    await recordUnappliedPayment(backend.db, EVENT.data, {
      reason: 'unknown_booking',
      ourProviders: ['sandbox'],
    });
  });
  afterEach(async () => {
    expect(await backend.db('payments').pluck('id')).toEqual([externalPaymentId(EVENT.data)]);
  });
  afterAll(() => backend.close());

  const send = (sent: ReturnType<typeof signed>) =>
    backend.anyone.send('POST', PAYMENT_EVENTS, sent);

  test('that is signed is accepted, a replayed one too', async () => {
    const sent = signed(EVENT);
    expect(await send(sent)).toMatchObject({ status: 202, text: '' });
    expect(await send(sent)).toMatchObject({ status: 202, text: '' });
  });

  test('needs no bearer token, and heeds none', async () => {
    const customer = await backend.customer();
    expect(await customer.send('POST', PAYMENT_EVENTS, signed(EVENT))).toMatchObject({
      status: 202,
    });
    expectRefused(await customer.send('POST', PAYMENT_EVENTS, { body: EVENT }), 'unauthenticated');
  });

  test('that was signed four minutes ago is accepted', async () => {
    expect(await send(signed(EVENT, { ageSeconds: 240 }))).toMatchObject({ status: 202 });
  });

  test('may be of another media type: what counts is its signature', async () => {
    const { body, headers } = signed(EVENT);
    expect(
      await send({ body, headers: { ...headers, 'content-type': 'text/plain' } }),
    ).toMatchObject({
      status: 202,
    });
  });

  test('may be signed with either secret, while one is being replaced', async () => {
    const { anyone } = await backend.startApi({
      paymentEventsSecrets: [NEXT_SECRET, PAYMENT_EVENTS_SECRET],
    });
    for (const secret of [NEXT_SECRET, PAYMENT_EVENTS_SECRET]) {
      const answer = await anyone.send('POST', PAYMENT_EVENTS, signed(EVENT, { secret }));
      expect(answer.status).toBe(202);
    }
    const both = signed(EVENT);
    const other = signed(EVENT).headers['webhook-signature'] ?? '';
    both.headers['webhook-signature'] = `${other} ${both.headers['webhook-signature'] ?? ''}`;
    expect((await anyone.send('POST', PAYMENT_EVENTS, both)).status).toBe(202);
  });

  test('is believed by nobody who has no secret', async () => {
    const { anyone } = await backend.startApi({ paymentEventsSecrets: [] });
    expectRefused(await anyone.send('POST', PAYMENT_EVENTS, signed(EVENT)), 'unauthenticated');
  });

  type Sealed = ReturnType<typeof signed>;
  const withHeader = (name: string, value: string) => (): Sealed => {
    const { body, headers } = signed(EVENT);
    return { body, headers: { ...headers, [name]: value } };
  };
  const withoutHeader = (name: string) => (): Sealed => {
    const { body, headers } = signed(EVENT);
    const { [name]: _, ...others } = headers;
    return { body, headers: others };
  };

  test.each<[string, () => Sealed]>([
    ['no signature', withoutHeader('webhook-signature')],
    ['no ID', withoutHeader('webhook-id')],
    ['no time', withoutHeader('webhook-timestamp')],
    ['an empty signature', withHeader('webhook-signature', '')],
    ['text for a signature', withHeader('webhook-signature', 'forged')],
    ['a version for a signature', withHeader('webhook-signature', 'v1')],
    ['a version and nothing', withHeader('webhook-signature', 'v1,')],
    ['a forged signature', withHeader('webhook-signature', `v1,${'A'.repeat(43)}=`)],
    ['a signature of another scheme', withHeader('webhook-signature', 'v1a,AAAA')],
    ['the ID of another event', withHeader('webhook-id', 'msg_another')],
    ['a time in words', withHeader('webhook-timestamp', 'now')],
    ['the signature of a secret that is not ours', () => signed(EVENT, { secret: NEXT_SECRET })],
    ['a signature from six minutes ago', () => signed(EVENT, { ageSeconds: 360 })],
    ['a signature from in six minutes', () => signed(EVENT, { ageSeconds: -360 })],
    [
      'a body cut short',
      () => {
        const sent = signed(EVENT);
        return { ...sent, body: String(sent.body).slice(0, -1) };
      },
    ],
    [
      'another amount than was signed',
      () => {
        const sent = signed(EVENT);
        return { ...sent, body: String(sent.body).replace('12000', '12001') };
      },
    ],
    ['no body', () => ({ ...signed(EVENT), body: '' })],
  ])('with %s is nobody’s', async (_, seal) => {
    expectRefused(await send(seal()), 'unauthenticated');
  });

  test.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['half an object', '{"type":'],
    ['text in another encoding', Buffer.from(JSON.stringify({ type: 'ü' }), 'latin1')],
    ['JSON and more', `${JSON.stringify(EVENT)};`],
  ])('that is signed and is %s is malformed', async (_, body) => {
    expectRefused(await send(signed(body)), 'malformed_json');
  });

  const fresh = (details: Record<string, unknown>) => paymentEvent({ id: randomUUID() }, details);

  test.each<[string, unknown, string]>([
    ['a list', [], ''],
    ['null', null, ''],
    ['without its data', { type: 'payment.captured' }, '/data'],
    ['at a time in words', { ...fresh({}), timestamp: 'today' }, '/timestamp'],
    ['for a booking that is no UUID', fresh({ bookingId: 'tomorrow' }), '/data/bookingId'],
    ['of a negative amount', fresh({ amount: -1 }), '/data/amount'],
    ['of nothing', fresh({ amount: 0 }), '/data/amount'],
    ['of half a cent', fresh({ amount: 0.5 }), '/data/amount'],
    ['of more money than there is', fresh({ amount: 1e21 }), '/data/amount'],
    ['of an amount in words', fresh({ amount: '12000' }), '/data/amount'],
    ['of no amount', fresh({ amount: undefined }), '/data/amount'],
    ['in a currency in small letters', fresh({ currency: 'usd' }), '/data/currency'],
    ['in dollars, in words', fresh({ currency: 'dollars' }), '/data/currency'],
    ['with a control character', fresh({ provider: 'bank\u0000' }), '/data/provider'],
    ['with a provider of two lines', fresh({ provider: 'bank\nof' }), '/data/provider'],
    ['with half a character', fresh({ provider: '\ud800' }), '/data/provider'],
    ['of nobody', fresh({ provider: ' ' }), '/data/provider'],
    [
      'with an ID of 256 characters',
      fresh({ providerPaymentId: 'a'.repeat(256) }),
      '/data/providerPaymentId',
    ],
  ])('that is signed and %s is not valid', async (_, event, pointer) => {
    expectInvalid(await send(signed(event)), pointer);
  });

  const JSON_KINDS = [
    'null',
    'true',
    '7',
    '1e21',
    '"text"',
    '[]',
    '[[{}]]',
    '{}',
    '{"a":{"b":[]}}',
  ];

  test.each(JSON_KINDS)('may hold what we don’t know, such as %s, at any level', async (value) => {
    for (const name of ['id', 'metadata', 'applied', 'Type', 'constructor', '__proto__']) {
      const more = `"${name}":${value},`;
      const [text, data] = [JSON.stringify(EVENT), JSON.stringify(EVENT.data)];
      const bodies = [`{${more}${text.slice(1)}`, text.replace(data, `{${more}${data.slice(1)}`)];
      for (const body of bodies)
        expect(await send(signed(body))).toMatchObject({ status: 202, text: '' });
    }
  });

  test.each([
    'payment.refunded',
    'payment.captured.v2',
    'PAYMENT.CAPTURED',
    '',
    '\u0000',
    'x'.repeat(9_000),
  ])('of a type that we don’t know is accepted, counted, and has no effect: %j', async (type) => {
    const before = await counted('unknown');
    const bodies = [{ type }, { ...EVENT, type }, ...JSON_KINDS.map((data) => ({ type, data }))];
    for (const body of bodies) expect(await send(signed(body))).toMatchObject({ status: 202 });
    expect(await counted('unknown')).toBe(before + bodies.length);
    expect((await backend.anyone.send('GET', '/metrics')).text).not.toContain(type || 'type=""');
    expect(await backend.db('received_payment_events').whereRaw('false')).toEqual([]);
  });

  /** How many events of a type were accepted, by the metric. */
  async function counted(type: string): Promise<number> {
    const { text } = await backend.anyone.send('GET', '/metrics');
    return Number(
      new RegExp(`^payment_events_total\\{type="${type}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0,
    );
  }

  const KNOWN_FIELDS = ['bookingId', 'amount', 'currency', 'provider', 'providerPaymentId'];

  test.each(KNOWN_FIELDS)('is not valid when its %s is of another kind', async (field) => {
    const wrong = JSON_KINDS.map((value) => JSON.parse(value) as unknown).filter(
      (value) =>
        !(field === 'amount' && value === 7) && !(field.startsWith('prov') && value === 'text'),
    );
    for (const value of wrong)
      expectInvalid(await send(signed(fresh({ [field]: value }))), `/data/${field}`);
  });

  test.each(JSON_KINDS.filter((value) => value !== '"text"'))(
    'is not valid when its type is %s',
    async (type) => {
      expectInvalid(await send(signed({ ...EVENT, type: JSON.parse(type) as unknown })), '/type');
    },
  );

  test('of 200 kB is not read', async () => {
    const event = fresh({ providerPaymentId: 'a'.repeat(200_000) });
    expectRefused(await send(signed(event)), 'payload_too_large');
  });

  test('that can’t be brought to Temporal is to be sent again', async () => {
    expectRefused(await send(signed(fresh({}))), 'service_unavailable');
  });

  test('is posted, not fetched', async () => {
    expectRefused(await backend.anyone.get(PAYMENT_EVENTS), 'method_not_allowed');
  });
});
