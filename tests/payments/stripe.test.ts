import type { ExplainedRefunds } from '../../src/domain/explained-refunds';
import {
  ProviderRejected,
  ProviderUnavailable,
  type PaymentGateway,
} from '../../src/payments/gateway';
import { MoneyMismatch } from '../../src/payments/stripe/answers';
import { createStripeGateway } from '../../src/payments/stripe/gateway';
import {
  BOOKING_ID,
  failure,
  intentOf,
  listOf,
  PAYMENT_ID,
  startScriptedStripe,
  TEXT_OF_ERROR,
  type Answer,
  type ScriptedStripe,
} from './scripted-stripe';
import { ALL_EXPLAINED } from '../support/provider';

/** What Stripe may say, and what we make of it. */

const CREATE = 'POST /v1/payment_intents';
const LIST = 'GET /v1/payment_intents';
const SEARCH = 'GET /v1/payment_intents/search';
const RETRIEVE = 'GET /v1/payment_intents/pi_1';
const CAPTURE = 'POST /v1/payment_intents/pi_1/capture';
const CANCEL = 'POST /v1/payment_intents/pi_1/cancel';
const REFUND = 'POST /v1/refunds';
const REFUNDS = 'GET /v1/refunds';

const CHARGE = {
  paymentId: PAYMENT_ID,
  bookingId: BOOKING_ID,
  money: { amount: 12_000, currency: 'USD' },
  paymentMethod: 'pm_card_visa',
};
const CAPTURED = { status: 'succeeded', amount_received: 12_000 };
const DAY_S = 86_400;

let stripe: ScriptedStripe;
let gateway: PaymentGateway;

beforeAll(async () => {
  stripe = await startScriptedStripe();
});

// A gateway remembers where it has looked; none knows what another test's Stripe had.
beforeEach(() => {
  gateway = createStripeGateway({ secretKey: 'sk_test_1', apiBase: stripe.url, timeoutMs: 1_500 });
});

afterAll(() => stripe.stop());

/** A server that has the intent as soon as it is made. */
function makes(intent: object): Record<string, Answer | Answer[]> {
  return { [LIST]: [listOf(), listOf(intent)], [CREATE]: intent };
}

function asked(route: string) {
  return stripe.requests.filter((request) => request.route === route);
}

describe('a reservation', () => {
  test('is asked for in Stripe’s terms, under a key of ours, and tells Stripe nothing else', async () => {
    stripe.script(makes(intentOf('pi_1')));
    expect(await gateway.authorize(CHARGE)).toEqual({
      status: 'authorized',
      providerPaymentId: 'pi_1',
    });
    const [request] = asked(CREATE);
    expect(Object.fromEntries(request!.form)).toEqual({
      amount: '12000',
      currency: 'usd',
      payment_method: 'pm_card_visa',
      'payment_method_types[0]': 'card',
      capture_method: 'manual',
      confirm: 'true',
      'metadata[paymentId]': PAYMENT_ID,
      'metadata[bookingId]': BOOKING_ID,
    });
    expect(request!.headers).toMatchObject({
      authorization: 'Bearer sk_test_1',
      'idempotency-key': `authorize/${PAYMENT_ID}`,
    });
    await gateway.authorize(CHARGE);
    expect(stripe.requests.map(({ headers }) => headers['x-stripe-client-telemetry'])).toEqual(
      stripe.requests.map(() => undefined),
    );
  });

  test.each<[what: string, answer: Answer]>([
    ['too many requests', failure(429, { type: 'invalid_request_error', code: 'lock_timeout' })],
    ['too many requests, said otherwise', failure(400, { code: 'rate_limit' })],
    ['a request in progress', failure(409, { code: 'idempotency_key_in_use' })],
    ['a server error', failure(500, { type: 'api_error' })],
    ['an outage', failure(503, { type: 'api_error' })],
    ['another server’s page', new Response('<html>', { status: 200 })],
    ['another server’s error', new Response('<html>', { status: 502 })],
    ['a closed connection', 'hangs up'],
    ['silence', 'says nothing'],
  ])(
    'says nothing by %s: it is to be asked for again, and was asked for once',
    async (_, answer) => {
      stripe.script({ [CREATE]: answer });
      const error = await rejection(gateway.authorize(CHARGE));
      expect(error).toBeInstanceOf(ProviderUnavailable);
      expect(String(error)).not.toContain(TEXT_OF_ERROR);
      expect(asked(CREATE)).toHaveLength(1);
    },
  );

  test('says nothing by an answer that lacks what was promised', async () => {
    stripe.script(makes({ id: 'pi_1', metadata: { paymentId: PAYMENT_ID } }));
    await expect(gateway.authorize(CHARGE)).rejects.toThrow(ProviderUnavailable);
  });

  test('that was made all the same counts, though its request was rejected', async () => {
    stripe.script({
      [LIST]: [listOf(), listOf(intentOf('pi_1'))],
      [CREATE]: failure(400, { code: 'parameter_unknown' }),
    });
    expect(await gateway.authorize(CHARGE)).toMatchObject({ status: 'authorized' });
  });

  test.each([
    [{ code: 'card_declined', decline_code: 'insufficient_funds' }, 'insufficient_funds'],
    [{ code: 'expired_card' }, 'expired_card'],
    [{}, 'card_declined'],
  ])('is declined by the most specific reason of %j', async (reason, declineCode) => {
    const declined = intentOf('pi_1', {
      status: 'requires_payment_method',
      last_payment_error: reason,
    });
    stripe.script({
      ...makes(declined),
      [CREATE]: failure(402, { type: 'card_error', ...reason, payment_intent: declined }),
    });
    expect(await gateway.authorize(CHARGE)).toEqual({ status: 'declined', declineCode });
  });

  test.each([
    ['resource_missing', 'unknown_payment_method'],
    ['payment_method_unexpected_state', 'payment_method_unexpected_state'],
  ])('on a payment method that can’t be used is declined: %s', async (code, declineCode) => {
    stripe.script({ [CREATE]: failure(400, { code, param: 'payment_method' }) });
    expect(await gateway.authorize(CHARGE)).toEqual({ status: 'declined', declineCode });
  });

  test('that waits for the customer names the page of their bank', async () => {
    const url = 'https://hooks.stripe.example/redirect';
    const next_action = { type: 'redirect_to_url', redirect_to_url: { url } };
    stripe.script(makes(intentOf('pi_1', { status: 'requires_action', next_action })));
    expect(await gateway.authorize(CHARGE)).toEqual({
      status: 'requires_action',
      providerPaymentId: 'pi_1',
      nextAction: { type: 'redirect', url },
    });
  });

  test.each(['processing', 'requires_confirmation', 'requires_payment_method', 'something_new'])(
    'that is %s is not known yet',
    async (status) => {
      stripe.script({ [LIST]: listOf(intentOf('pi_1', { status })) });
      await expect(gateway.authorize(CHARGE)).rejects.toThrow(ProviderUnavailable);
      await expect(gateway.find(PAYMENT_ID)).rejects.toThrow(ProviderUnavailable);
    },
  );

  test.each([{ amount: 12_001 }, { currency: 'eur' }])(
    'of other money than we asked for is none: %j',
    async (other) => {
      stripe.script(makes(intentOf('pi_1', other)));
      await expect(gateway.authorize(CHARGE)).rejects.toThrow(MoneyMismatch);
    },
  );

  test('is asked for under the next key when Stripe only repeats its own server error', async () => {
    const echo = failure(500, { type: 'api_error' }, { 'idempotent-replayed': 'true' });
    stripe.script({ ...makes(intentOf('pi_1')), [CREATE]: [echo, intentOf('pi_1')] });
    expect(await gateway.authorize(CHARGE)).toMatchObject({ status: 'authorized' });
    expect(asked(CREATE).map(({ headers }) => headers['idempotency-key'])).toEqual([
      `authorize/${PAYMENT_ID}`,
      `authorize/${PAYMENT_ID}/2`,
    ]);
  });

  test('that was made twice is kept once: the oldest, and the rest is given up', async () => {
    const earlier = intentOf('pi_9', { created: Math.floor(Date.now() / 1000) - 2 });
    stripe.script({
      [LIST]: [listOf(), listOf(intentOf('pi_1'), earlier)],
      [CREATE]: intentOf('pi_1'),
      [CANCEL]: intentOf('pi_1', { status: 'canceled' }),
    });
    expect(await gateway.authorize(CHARGE)).toMatchObject({ providerPaymentId: 'pi_9' });
    expect(asked(CANCEL)).toHaveLength(1);
  });

  test('outweighs a decline that came of asking twice', async () => {
    const declined = intentOf('pi_1', {
      status: 'requires_payment_method',
      last_payment_error: { code: 'card_declined', decline_code: 'insufficient_funds' },
      created: 1,
    });
    stripe.script({
      [LIST]: [listOf(), listOf(intentOf('pi_2'), declined)],
      [CREATE]: failure(402, { type: 'card_error', code: 'card_declined' }),
    });
    expect(await gateway.authorize(CHARGE)).toMatchObject({ providerPaymentId: 'pi_2' });
  });
});

describe('a payment is found', () => {
  test('by the listing while the search index doesn’t have it', async () => {
    stripe.script({ [LIST]: listOf(intentOf('pi_2', { metadata: {} }), intentOf('pi_1')) });
    expect(await gateway.find(PAYMENT_ID)).toMatchObject({ providerPaymentId: 'pi_1' });
  });

  test('by the index when it is older, as it stands now and not as the index has it', async () => {
    const old = { created: Math.floor(Date.now() / 1000) - DAY_S };
    stripe.script({
      [SEARCH]: listOf(intentOf('pi_1', old), intentOf('pi_2', old)),
      [RETRIEVE]: intentOf('pi_1', { ...old, ...CAPTURED }),
      'GET /v1/payment_intents/pi_2': intentOf('pi_2', { ...CAPTURED, metadata: {}, created: 1 }),
    });
    expect(await gateway.find(PAYMENT_ID)).toMatchObject({
      providerPaymentId: 'pi_1',
      status: 'captured',
    });
  });

  test('without paging through all that is older than the index’s delay', async () => {
    const old = intentOf('pi_8', { metadata: {}, created: Math.floor(Date.now() / 1000) - 3_600 });
    stripe.script({ [LIST]: { ...listOf(old), has_more: true } });
    expect(await gateway.find(PAYMENT_ID)).toBeUndefined();
    expect(asked(LIST)).toHaveLength(1);
  });

  test('by the listing alone where there is no index', async () => {
    const hourOld = { created: Math.floor(Date.now() / 1000) - 3_600 };
    const page = listOf(intentOf('pi_8', { ...hourOld, metadata: {} }));
    stripe.script({
      [SEARCH]: failure(400, { type: 'invalid_request_error' }),
      [LIST]: [{ ...page, has_more: true }, listOf(intentOf('pi_1', hourOld))],
    });
    expect(await gateway.find(PAYMENT_ID)).toMatchObject({ providerPaymentId: 'pi_1' });
  });

  test('as the one that counts: captured before authorized before given up', async () => {
    const given = intentOf('pi_1', { status: 'canceled', created: 1 });
    const taken = intentOf('pi_3', { ...CAPTURED, latest_charge: { amount_refunded: 700 } });
    stripe.script({ [SEARCH]: failure(404, {}), [LIST]: listOf(taken, intentOf('pi_2'), given) });
    expect(await gateway.find(PAYMENT_ID)).toEqual({
      providerPaymentId: 'pi_3',
      paymentId: PAYMENT_ID,
      bookingId: BOOKING_ID,
      status: 'captured',
      money: CHARGE.money,
      refunded: 700,
    });
  });

  test('though it was made by someone else, without an ID of ours', async () => {
    stripe.script({ [RETRIEVE]: intentOf('pi_1', { ...CAPTURED, metadata: {} }) });
    expect(await gateway.retrieve('pi_1')).toMatchObject({ paymentId: null, bookingId: null });
  });
});

test('captured payments are listed from the oldest on, though Stripe begins with the newest', async () => {
  const taken = (id: string, created: number) => intentOf(id, { ...CAPTURED, created });
  const page = listOf(taken('pi_4', 4_000), intentOf('pi_3', { created: 3_000 }));
  stripe.script({
    [LIST]: [{ ...page, has_more: true }, listOf(taken('pi_2', 2_000), taken('pi_1', 1_000))],
  });
  const listed: string[] = [];
  for await (const payment of gateway.listCaptured(new Date(2_000_000))) {
    listed.push(payment.providerPaymentId);
  }
  expect(listed).toEqual(['pi_2', 'pi_4']);
});

describe('a capture', () => {
  const unexpected = failure(400, { code: 'payment_intent_unexpected_state' });

  test.each([
    ['captured', CAPTURED, { status: 'captured' }],
    ['cancelled', { status: 'canceled' }, { status: 'declined', declineCode: 'payment_voided' }],
  ])('that finds the payment %s meanwhile says so', async (_, found, answer) => {
    stripe.script({
      [RETRIEVE]: [intentOf('pi_1'), intentOf('pi_1', found)],
      [CAPTURE]: unexpected,
    });
    expect(await gateway.capture('pi_1')).toEqual(answer);
  });

  test('that is refused, with the money still reserved, lets the money go', async () => {
    stripe.script({
      [RETRIEVE]: intentOf('pi_1'),
      [CAPTURE]: unexpected,
      [CANCEL]: intentOf('pi_1', { status: 'canceled' }),
    });
    const answer = { status: 'declined', declineCode: 'provider_rejected' };
    expect(await gateway.capture('pi_1')).toEqual(answer);
    expect(asked(CANCEL)).toHaveLength(1);
  });

  test('of other money than was reserved is loud', async () => {
    const less = intentOf('pi_1', { ...CAPTURED, amount_received: 11_000 });
    stripe.script({ [RETRIEVE]: intentOf('pi_1'), [CAPTURE]: less });
    await expect(gateway.capture('pi_1')).rejects.toThrow(MoneyMismatch);
  });

  test('of a payment that Stripe has never heard of is a mistake of ours', async () => {
    stripe.script({});
    await expect(gateway.capture('pi_1')).rejects.toThrow('No such payment intent: pi_1');
  });
});

describe('a refund', () => {
  const REFUND_ID = 'b6f9c1b2-6f3e-5a52-9f55-2a1f0f6f7d33';
  const PART = { amount: 5_000, currency: 'USD' };

  function refundOf(details: object): object {
    return {
      id: 're_1',
      amount: 5_000,
      currency: 'usd',
      status: 'succeeded',
      metadata: { refundId: REFUND_ID },
      ...details,
    };
  }

  function refund(
    script: Record<string, Answer | Answer[]>,
    explained: ExplainedRefunds = ALL_EXPLAINED,
  ) {
    stripe.script({ [RETRIEVE]: intentOf('pi_1', CAPTURED), ...script });
    return gateway.refund(REFUND_ID, 'pi_1', PART, explained);
  }

  test.each([
    [{ status: 'succeeded' }, { status: 'succeeded', providerRefundId: 're_1' }],
    [{ status: 'pending' }, { status: 'succeeded', providerRefundId: 're_1' }],
    [{ status: 'canceled' }, { status: 'refused', code: 'refund_canceled' }],
    [
      { status: 'failed', failure_reason: 'expired_or_canceled_card' },
      { status: 'refused', code: 'expired_or_canceled_card' },
    ],
  ])('that is %j answers the same when it is made and when it is found', async (is, answer) => {
    expect(await refund({ [REFUND]: refundOf(is) })).toEqual(answer);
    expect(asked(REFUND)[0]?.headers['idempotency-key']).toBe(`refund/${REFUND_ID}`);
    expect(await refund({ [REFUNDS]: listOf(refundOf(is)) })).toEqual(answer);
    expect(asked(REFUND)).toEqual([]);
  });

  test('is not made beside one that someone returned without us, unless that is settled', async () => {
    const byHand = refundOf({ id: 're_2', amount: 1_000, metadata: {} });
    const script = { [REFUNDS]: listOf(byHand), [REFUND]: refundOf({}) };
    const nothing = { refundIds: [REFUND_ID], amountByHand: 0 };
    expect(await refund(script, nothing)).toEqual({
      status: 'refused',
      code: 'refunded_otherwise',
    });
    expect(asked(REFUND)).toEqual([]);
    const failed = { [REFUNDS]: listOf({ ...byHand, status: 'failed' }) };
    for (const [refunds, explained] of [
      [script, { ...nothing, amountByHand: 1_000 }],
      [{ ...script, ...failed }, nothing],
    ] as const)
      expect(await refund(refunds, explained)).toMatchObject({ status: 'succeeded' });
  });

  test('that Stripe has no more money for is refused', async () => {
    const answer = failure(400, { code: 'charge_already_refunded' });
    expect(await refund({ [REFUND]: answer })).toEqual({
      status: 'refused',
      code: 'charge_already_refunded',
    });
  });

  test('that Stripe refuses because it was just made by another call, is that one', async () => {
    const answer = await refund({
      [REFUNDS]: [listOf(), listOf(refundOf({}))],
      [REFUND]: failure(400, { code: 'charge_already_refunded' }),
    });
    expect(answer).toEqual({ status: 'succeeded', providerRefundId: 're_1' });
  });

  test('has room where an earlier one failed', async () => {
    const failed = refundOf({ id: 're_0', amount: 12_000, status: 'failed', metadata: {} });
    const answer = await refund({ [REFUNDS]: listOf(failed), [REFUND]: refundOf({}) });
    expect(answer).toMatchObject({ status: 'succeeded' });
  });

  test('under an ID that was used for another amount is loud', async () => {
    await expect(refund({ [REFUNDS]: listOf(refundOf({ amount: 4_000 })) })).rejects.toThrow(
      're_1 is of 4000 USD',
    );
  });

  test('in another currency than was paid is refused', async () => {
    stripe.script({ [RETRIEVE]: intentOf('pi_1', CAPTURED) });
    const euros = { amount: 5_000, currency: 'EUR' };
    expect(await gateway.refund(REFUND_ID, 'pi_1', euros, ALL_EXPLAINED)).toEqual({
      status: 'refused',
      code: 'currency_mismatch',
    });
  });
});

/** What Stripe says of itself and of us, rather than of a card. */
const STATUSES = [...range(400, 431), 451, 499, ...range(500, 511), 520, 599];
const NOT_DEFINITE = [408, 409, 429];

describe.each(STATUSES.filter((status) => status < 500 && !NOT_DEFINITE.includes(status)))(
  'a definite no, %i,',
  (status) => {
    const no = failure(status, { type: 'invalid_request_error', code: 'some_reason' });
    const isNotFound = status === 404;

    test('to a reservation ends the attempt: the customer is told', async () => {
      stripe.script({ [CREATE]: no });
      const code = { 402: 'some_reason', 404: 'some_reason' }[status] ?? 'provider_rejected';
      expect(await gateway.authorize(CHARGE)).toEqual({ status: 'declined', declineCode: code });
    });

    test('to a capture ends it, with the money let go where Stripe lets us', async () => {
      stripe.script({
        [RETRIEVE]: intentOf('pi_1'),
        [CAPTURE]: no,
        [CANCEL]: intentOf('pi_1', { status: 'canceled' }),
      });
      const answer = { status: 'declined', declineCode: 'provider_rejected' };
      expect(await gateway.capture('pi_1')).toEqual(answer);
      stripe.script({ [RETRIEVE]: intentOf('pi_1'), [CAPTURE]: no, [CANCEL]: no });
      await expectRejected(gateway.capture('pi_1'));
    });

    test('to letting money go, or to a look, is known as one', async () => {
      stripe.script({ [RETRIEVE]: intentOf('pi_1'), [CANCEL]: no });
      await expectRejected(gateway.void('pi_1'));
      stripe.script({ [SEARCH]: no, [LIST]: no });
      await expectRejected(gateway.find(PAYMENT_ID));
      await expectRejected(gateway.authorize(CHARGE));
      stripe.script({ [RETRIEVE]: no });
      if (isNotFound) expect(await gateway.retrieve('pi_1')).toBeUndefined();
      else await expectRejected(gateway.retrieve('pi_1'));
      await expectRejected(gateway.capture('pi_1'));
      await expectRejected(gateway.refund(PAYMENT_ID, 'pi_1', CHARGE.money, ALL_EXPLAINED));
    });

    test('to a refund is an answer', async () => {
      stripe.script({ [RETRIEVE]: intentOf('pi_1', CAPTURED), [REFUND]: no });
      expect(await gateway.refund(PAYMENT_ID, 'pi_1', CHARGE.money, ALL_EXPLAINED)).toEqual({
        status: 'refused',
        code: 'some_reason',
      });
    });
  },
);

describe.each([...NOT_DEFINITE, ...STATUSES.filter((status) => status >= 500)])(
  'no answer, %i,',
  (status) => {
    const silence = failure(status, { type: 'api_error' });

    test('to whatever we ask is to be asked again', async () => {
      stripe.script({
        [RETRIEVE]: intentOf('pi_1'),
        [CREATE]: silence,
        [CAPTURE]: silence,
        [CANCEL]: silence,
      });
      await expect(gateway.authorize(CHARGE)).rejects.toThrow(ProviderUnavailable);
      await expect(gateway.capture('pi_1')).rejects.toThrow(ProviderUnavailable);
      await expect(gateway.void('pi_1')).rejects.toThrow(ProviderUnavailable);
      stripe.script({ [RETRIEVE]: intentOf('pi_1', CAPTURED), [REFUND]: silence });
      const refund = gateway.refund(PAYMENT_ID, 'pi_1', CHARGE.money, ALL_EXPLAINED);
      await expect(refund).rejects.toThrow(ProviderUnavailable);
      stripe.script({ [SEARCH]: silence, [LIST]: silence, [RETRIEVE]: silence });
      await expect(gateway.find(PAYMENT_ID)).rejects.toThrow(ProviderUnavailable);
      await expect(gateway.retrieve('pi_1')).rejects.toThrow(ProviderUnavailable);
    });
  },
);

describe('where there is no index, and more payments than one run can read', () => {
  const NO_INDEX = failure(400, { type: 'invalid_request_error' });
  const now = Math.floor(Date.now() / 1000);
  const other = (number: number) =>
    intentOf(`pi_other_${number}`, { created: now - number, metadata: {} });

  /** A page of one payment each, the newest first; ours is the oldest. */
  function longList(pages: number): object[] {
    const others = Array.from({ length: pages }, (_, index) => ({
      ...listOf(other(index)),
      has_more: true,
    }));
    return [...others, listOf(intentOf('pi_1', { created: now - pages }))];
  }

  test('a look ends by itself, and the next one goes on where it was', async () => {
    // No time for more than a page.
    const hasty = createStripeGateway({ secretKey: 'sk_test_1', apiBase: stripe.url, lookMs: 0 });
    stripe.script({ [SEARCH]: NO_INDEX, [LIST]: longList(1) });
    await expect(hasty.find(PAYMENT_ID)).rejects.toThrow(ProviderUnavailable);
    expect(asked(LIST)).toHaveLength(1);
    // What is new is read first, then what is left.
    stripe.script({
      [SEARCH]: NO_INDEX,
      [LIST]: [listOf(other(0)), listOf(intentOf('pi_1', { created: now - 1 }))],
    });
    expect(await hasty.find(PAYMENT_ID)).toMatchObject({ providerPaymentId: 'pi_1' });
    expect(asked(LIST).map(({ query }) => query.get('starting_after'))).toEqual([
      null,
      'pi_other_0',
    ]);
  });

  test('a later look reads only what is new, and sees how the payment stands by then', async () => {
    // However slow the machine is.
    const apiBase = stripe.url;
    const calm = createStripeGateway({ secretKey: 'sk_test_1', apiBase, lookMs: 60_000 });
    const payment = '9b7c8a0e-3f44-5b7e-a1d7-2a0d4b1c6e55';
    const mine = { created: now - 100, metadata: { paymentId: payment } };
    const list = longList(99).slice(0, -1);
    stripe.script({ [SEARCH]: NO_INDEX, [LIST]: [...list, listOf(intentOf('pi_1', mine))] });
    expect(await calm.find(payment)).toMatchObject({ status: 'authorized' });
    expect(asked(LIST)).toHaveLength(100);
    stripe.script({
      [SEARCH]: NO_INDEX,
      [LIST]: listOf(other(0)),
      [RETRIEVE]: intentOf('pi_1', { ...mine, ...CAPTURED }),
    });
    expect(await calm.find(payment)).toMatchObject({ status: 'captured' });
    expect(asked(LIST)).toHaveLength(1);
  });

  test('nothing is read from before the payment was put on record', async () => {
    const old = intentOf('pi_old', { metadata: {}, created: now - 3_600 });
    stripe.script({ [SEARCH]: NO_INDEX, [LIST]: { ...listOf(old), has_more: true } });
    expect(await gateway.find(CHARGE.bookingId, new Date())).toBeUndefined();
    expect(asked(LIST)).toHaveLength(1);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

async function expectRejected(call: Promise<unknown>): Promise<void> {
  const error = await rejection(call);
  expect(error).toBeInstanceOf(ProviderRejected);
  expect(String(error)).not.toContain(TEXT_OF_ERROR);
}

async function rejection(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => {
      throw new Error('It was answered');
    },
    (error: unknown) => error,
  );
}
