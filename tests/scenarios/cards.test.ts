import { auditBooks } from '../../src/db/audit/auditor';
import type { Booking } from '../../src/domain/booking';
import type { Payment } from '../../src/domain/payment';
import { CARDS, type CardName } from '../../src/payments/sandbox/cards';
import { openStorefront, type Storefront } from '../support/api';
import { ADULT_PRICE } from '../support/flights';
import { STARTING_MS, untilSeen } from '../support/shop';
import { expectRefused, newKey, type Client } from '../api/client';
import type { Answer } from '../api/contract';

/** Each card of the sandbox, used as a shop does: how its payment ends, and where the money is. */

let store: Storefront;
beforeAll(async () => {
  store = await openStorefront({ playsScenarios: true });
  for (const card of WAITING) {
    const trial = TRIALS[card]();
    begun.set(card, trial);
    // Its own test reports how it failed.
    trial.catch(() => undefined);
  }
}, STARTING_MS);
afterAll(async () => {
  expect(await auditBooks(store.db)).toEqual([]);
  await store.close();
});

const PRICE = ADULT_PRICE.amount;

interface Sale {
  ada: Client;
  booking: Booking;
  /** Pays by the card; the same request each time. */
  pay: () => Promise<Answer<Payment>>;
}

async function saleBy(paymentMethod: CardName, shop: Storefront = store): Promise<Sale> {
  const ada = await shop.customer();
  const { body: booking } = await ada.create(await shop.flight());
  const key = newKey();
  return { ada, booking, pay: () => ada.pay(booking, { paymentMethod }, key) };
}

/** What the provider took for a booking, and what it gave back. */
async function moneyOf({ id }: Booking, shop: Storefront = store) {
  const intents = shop.db('sandbox_provider.payment_intents').where({ booking_id: id });
  const taken = await intents.clone().where({ status: 'captured' }).pluck<number[]>('amount');
  const back = await shop
    .db('sandbox_provider.refunds')
    .whereIn('payment_intent_id', intents.clone().select('id'))
    .pluck<number[]>('amount');
  return { taken, back };
}

async function expectPaidOnce({ ada, booking }: Sale, answer: Answer<Payment>): Promise<void> {
  expect(answer).toMatchObject({ status: 201, body: { status: 'captured', ...ADULT_PRICE } });
  expect((await ada.read(booking.id)).body).toMatchObject({
    status: 'booked',
    payment: { status: 'captured', ...ADULT_PRICE },
  });
  expect(await moneyOf(booking)).toEqual({ taken: [PRICE], back: [] });
}

async function paysAtOnce(card: CardName): Promise<Sale> {
  const sale = await saleBy(card);
  await expectPaidOnce(sale, await sale.pay());
  return sale;
}

/** Sends the request until it is no 202 any more. */
function outcomeOf({ pay }: Sale): Promise<Answer<Payment>> {
  return untilSeen(async () => {
    const answer = await pay();
    return answer.status === 202 ? undefined : answer;
  });
}

async function expectAsked({ pay }: Sale): Promise<void> {
  expect(await pay()).toMatchObject({
    status: 202,
    body: { status: 'processing', nextAction: { type: 'redirect' } },
  });
}

async function expectDeclined(sale: Sale, answer: Answer<Payment>, code: string): Promise<void> {
  expectRefused(answer, 'payment_declined');
  expect(answer).toMatchObject({ status: 402, body: { declineCode: code } });
  const { ada, booking } = sale;
  expect((await ada.read(booking.id)).body).toMatchObject({
    status: 'pending',
    availableActions: ['pay', 'cancel'],
  });
  expect(await moneyOf(booking)).toEqual({ taken: [], back: [] });
}

/** Cancels a booking that may be given back in full, and waits until its refund waits for someone. */
async function expectRefundLeftToOperator({ ada, booking }: Sale): Promise<void> {
  expect((await ada.cancel(booking)).body).toMatchObject({ status: 'cancelled' });
  await untilSeen(async () => {
    const { body } = await ada.read(booking.id);
    return body.refund?.status === 'needs_operator' ? body : undefined;
  });
  expect((await ada.read(booking.id)).body.refund).toMatchObject(ADULT_PRICE);
  expect(await moneyOf(booking)).toEqual({ taken: [PRICE], back: [] });
}

/** Waits until the payment is disputed so; returns how much of its money is withdrawn by then. */
async function withdrawnOnce({ ada, booking }: Sale, status: string): Promise<number> {
  await untilSeen(async () => {
    const [payment] = (await ada.payments(booking)).body.data;
    return payment?.dispute?.status === status ? payment : undefined;
  });
  const [payment] = (await ada.payments(booking)).body.data;
  expect(payment?.dispute).toMatchObject(ADULT_PRICE);
  const amounts = await store
    .db('ledger_postings')
    .join('ledger_transactions', 'ledger_transactions.id', 'ledger_postings.transaction_id')
    .where({ booking_id: booking.id, account: 'disputed:sandbox' })
    .pluck<number[]>('amount');
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

type Declined = Extract<(typeof CARDS)[number], { behaviour: { kind: 'declines' } }>;

const TRIALS: Record<Exclude<CardName, Declined['paymentMethod']>, () => Promise<unknown>> = {
  pm_card_visa: () => paysAtOnce('pm_card_visa'),
  pm_sandbox_slow: () => paysAtOnce('pm_sandbox_slow'),
  pm_sandbox_error: () => paysAtOnce('pm_sandbox_error'),
  pm_sandbox_timeout: () => paysAtOnce('pm_sandbox_timeout'),

  pm_sandbox_unknown: async () => {
    const sale = await saleBy('pm_sandbox_unknown');
    expect(await sale.pay()).toMatchObject({ status: 202, body: { status: 'processing' } });
    await expectPaidOnce(sale, await outcomeOf(sale));
  },

  pm_sandbox_rejected: async () => {
    const { ada, booking, pay } = await saleBy('pm_sandbox_rejected');
    expectRefused(await pay(), 'booking_not_payable');
    await store.settled(booking);
    expect((await ada.read(booking.id)).body).toMatchObject({
      status: 'cancelled',
      cancellationReason: 'reservation_failed',
    });
    expect(await moneyOf(booking)).toEqual({ taken: [], back: [] });
  },

  pm_card_threeDSecure2Required: async () => {
    const sale = await saleBy('pm_card_threeDSecure2Required');
    await expectAsked(sale);
    await expectPaidOnce(sale, await outcomeOf(sale));
  },

  pm_sandbox_3ds_failed: async () => {
    const sale = await saleBy('pm_sandbox_3ds_failed');
    await expectAsked(sale);
    const code = 'payment_intent_authentication_failure';
    await expectDeclined(sale, await outcomeOf(sale), code);
  },

  pm_sandbox_3ds_abandoned: async () => {
    const hasty = await openStorefront({ paymentWindowSeconds: 8, playsScenarios: true });
    try {
      const sale = await saleBy('pm_sandbox_3ds_abandoned', hasty);
      await expectAsked(sale);
      await hasty.settled(sale.booking);
      expect((await sale.ada.read(sale.booking.id)).body).toMatchObject({
        status: 'cancelled',
        cancellationReason: 'payment_expired',
        payment: { status: 'voided' },
      });
      expect(await moneyOf(sale.booking, hasty)).toEqual({ taken: [], back: [] });
      expect(await auditBooks(hasty.db)).toEqual([]);
    } finally {
      await hasty.close();
    }
  },

  pm_sandbox_refund_refused: async () => {
    await expectRefundLeftToOperator(await paysAtOnce('pm_sandbox_refund_refused'));
  },

  pm_card_createDispute: async () => {
    const sale = await paysAtOnce('pm_card_createDispute');
    expect(await withdrawnOnce(sale, 'open')).toBe(PRICE);
    await expectRefundLeftToOperator(sale);
  },

  pm_sandbox_dispute_won: async () => {
    const sale = await paysAtOnce('pm_sandbox_dispute_won');
    expect(await withdrawnOnce(sale, 'open')).toBe(PRICE);
    expect(await withdrawnOnce(sale, 'won')).toBe(0);
    expect((await sale.ada.read(sale.booking.id)).body.status).toBe('booked');
  },

  pm_sandbox_dispute_lost: async () => {
    const sale = await paysAtOnce('pm_sandbox_dispute_lost');
    expect(await withdrawnOnce(sale, 'open')).toBe(PRICE);
    expect(await withdrawnOnce(sale, 'lost')).toBe(PRICE);
    expect((await sale.ada.read(sale.booking.id)).body.status).toBe('booked');
  },
};

/** Most of these is waiting: they are begun before the others, and go on beside them. */
const WAITING = [
  'pm_sandbox_unknown',
  'pm_card_threeDSecure2Required',
  'pm_sandbox_3ds_failed',
  'pm_card_createDispute',
  'pm_sandbox_dispute_won',
  'pm_sandbox_dispute_lost',
] as const satisfies (keyof typeof TRIALS)[];

const begun = new Map<string, Promise<unknown>>();

const DECLINED = CARDS.filter((card): card is Declined => card.behaviour.kind === 'declines');

test.each(DECLINED)(
  '$paymentMethod is declined, and the seats stay held',
  async ({ paymentMethod, behaviour: { code } }) => {
    const sale = await saleBy(paymentMethod);
    await expectDeclined(sale, await sale.pay(), code);
    await expectPaidOnce(sale, await sale.ada.pay(sale.booking));
  },
);

test.each(Object.entries(TRIALS))('%s does as it says', async (card, trial) => {
  await (begun.get(card) ?? trial());
});
