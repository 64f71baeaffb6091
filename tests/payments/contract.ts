/* eslint jest/no-export: off, jest/valid-title: off -- The suites that call it are the tests. */
import { randomUUID } from 'node:crypto';
import {
  ProviderRejected,
  type Charge,
  type PaymentGateway,
  type ProviderPayment,
} from '../../src/payments/gateway';
import { ALL_EXPLAINED } from '../support/provider';
import { ADULT_PRICE } from '../support/flights';

/**
 * A provider to be tried: our gateway to it, cards that it knows, and its own books, read past our
 * gateway.
 */
export interface Provider {
  gateway: PaymentGateway;
  goodCard: string;
  badCard: { paymentMethod: string; declineCode: string };
  /** Amounts that are held on a card for one of our payments. */
  reserved(paymentId: string): Promise<number[]>;
  /** Amounts that were taken for one of our payments. */
  taken(paymentId: string): Promise<number[]>;
  /** Amounts of a payment that were given back. */
  returned(providerPaymentId: string): Promise<number[]>;
  close(): Promise<void>;
}

/** What our gateways promise, whatever company is behind them: the same tests for each. */
export function describeGateway(name: string, open: () => Promise<Provider>): void {
  describe(`${name} keeps the contract of payment gateways`, () => {
    let provider: Provider;
    let gateway: PaymentGateway;
    let promises = 0;

    beforeAll(async () => {
      provider = await open();
      gateway = provider.gateway;
    });

    afterAll(async () => {
      process.stdout.write(`${name}: ${promises} tests of the contract\n`);
      await provider.close();
    });

    function promise(what: string, proof: () => Promise<void>): void {
      promises += 1;
      test(what, proof);
    }

    function newCharge(details: Partial<Charge> = {}): Charge {
      return {
        paymentId: randomUUID(),
        bookingId: randomUUID(),
        money: ADULT_PRICE,
        paymentMethod: provider.goodCard,
        ...details,
      };
    }

    async function authorized(charge: Charge): Promise<string> {
      const authorization = await gateway.authorize(charge);
      if (authorization.status !== 'authorized') throw new Error('A card that works was declined');
      return authorization.providerPaymentId;
    }

    async function captured(charge: Charge): Promise<string> {
      const id = await authorized(charge);
      expect(await gateway.capture(id)).toEqual({ status: 'captured' });
      return id;
    }

    async function capturedSince(since: Date): Promise<ProviderPayment[]> {
      const payments: ProviderPayment[] = [];
      for await (const payment of gateway.listCaptured(since)) payments.push(payment);
      return payments;
    }

    promise('money is reserved, then taken, and found by our ID and by theirs', async () => {
      const charge = newCharge();
      const providerPaymentId = await authorized(charge);
      const payment = {
        providerPaymentId,
        paymentId: charge.paymentId,
        bookingId: charge.bookingId,
        money: ADULT_PRICE,
        refunded: 0,
      };
      expect(await gateway.find(charge.paymentId)).toEqual({ ...payment, status: 'authorized' });
      expect(await provider.reserved(charge.paymentId)).toEqual([ADULT_PRICE.amount]);
      expect(await provider.taken(charge.paymentId)).toEqual([]);

      expect(await gateway.capture(providerPaymentId)).toEqual({ status: 'captured' });
      expect(await gateway.find(charge.paymentId)).toEqual({ ...payment, status: 'captured' });
      expect(await gateway.retrieve(providerPaymentId)).toEqual({ ...payment, status: 'captured' });
      expect(await provider.reserved(charge.paymentId)).toEqual([]);
      expect(await provider.taken(charge.paymentId)).toEqual([ADULT_PRICE.amount]);
    });

    promise('a currency without a minor unit goes through as it is', async () => {
      const charge = newCharge({ money: { amount: 18_500, currency: 'JPY' } });
      await captured(charge);
      expect(await gateway.find(charge.paymentId)).toMatchObject({ money: charge.money });
      expect(await provider.taken(charge.paymentId)).toEqual([18_500]);
    });

    promise('each call can be repeated, and takes effect once', async () => {
      const charge = newCharge();
      const id = await authorized(charge);
      expect(await authorized(charge)).toBe(id);
      expect(await provider.reserved(charge.paymentId)).toEqual([ADULT_PRICE.amount]);
      await gateway.capture(id);
      expect(await gateway.capture(id)).toEqual({ status: 'captured' });
      expect(await authorized(charge)).toBe(id);
      expect(await provider.reserved(charge.paymentId)).toEqual([]);
      expect(await provider.taken(charge.paymentId)).toEqual([ADULT_PRICE.amount]);
    });

    promise('of five authorizations at once one is left, and a later one answers it', async () => {
      const charge = newCharge();
      const ids = await Promise.all(Array.from({ length: 5 }, () => authorized(charge)));
      expect(await provider.reserved(charge.paymentId)).toEqual([ADULT_PRICE.amount]);
      const id = await authorized(charge);
      expect(ids).toContain(id);
      expect(await gateway.capture(id)).toEqual({ status: 'captured' });
      expect(await provider.taken(charge.paymentId)).toEqual([ADULT_PRICE.amount]);
    });

    promise('payments of one booking are payments of their own', async () => {
      const charge = newCharge();
      const other = newCharge({ bookingId: charge.bookingId });
      expect(await authorized(charge)).not.toBe(await authorized(other));
    });

    promise('a declined card is an answer, again and again', async () => {
      const { paymentMethod, declineCode } = provider.badCard;
      const charge = newCharge({ paymentMethod });
      expect(await gateway.authorize(charge)).toEqual({ status: 'declined', declineCode });
      expect(await gateway.authorize(charge)).toEqual({ status: 'declined', declineCode });
      expect(await gateway.find(charge.paymentId)).toMatchObject({ status: 'declined' });
      expect(await provider.reserved(charge.paymentId)).toEqual([]);
    });

    promise('a payment method that nobody knows is declined', async () => {
      const charge = newCharge({ paymentMethod: 'pm_of_nobody' });
      const declined = { status: 'declined', declineCode: 'unknown_payment_method' };
      expect(await gateway.authorize(charge)).toEqual(declined);
      expect(await gateway.authorize(charge)).toEqual(declined);
    });

    promise('what was let go, once or twice, can be neither captured nor authorized', async () => {
      const charge = newCharge();
      const id = await authorized(charge);
      await gateway.void(id);
      await gateway.void(id);
      expect(await gateway.find(charge.paymentId)).toMatchObject({ status: 'voided' });
      const declined = { status: 'declined', declineCode: 'payment_voided' };
      expect(await gateway.capture(id)).toEqual(declined);
      expect(await gateway.authorize(charge)).toEqual(declined);
      expect(await provider.reserved(charge.paymentId)).toEqual([]);
      expect(await provider.taken(charge.paymentId)).toEqual([]);
    });

    promise('what was captured can’t be let go', async () => {
      const charge = newCharge();
      const id = await captured(charge);
      await expect(gateway.void(id)).rejects.toThrow('captured');
      expect(await gateway.find(charge.paymentId)).toMatchObject({ status: 'captured' });
    });

    promise('a payment that the provider never heard of is not found', async () => {
      expect(await gateway.find(randomUUID())).toBeUndefined();
      expect(await gateway.retrieve('pi_of_nobody')).toBeUndefined();
    });

    promise('what can never succeed is a definite no, however often it is asked for', async () => {
      for (let time = 0; time < 2; time += 1) {
        await expect(gateway.capture('pi_of_nobody')).rejects.toThrow(ProviderRejected);
        await expect(gateway.void('pi_of_nobody')).rejects.toThrow(ProviderRejected);
        const refund = gateway.refund(randomUUID(), 'pi_of_nobody', ADULT_PRICE, ALL_EXPLAINED);
        await expect(refund).rejects.toThrow(ProviderRejected);
      }
    });

    promise('money goes back once for each refund', async () => {
      const charge = newCharge();
      const id = await captured(charge);
      const refundId = randomUUID();
      const first = await gateway.refund(refundId, id, ADULT_PRICE, ALL_EXPLAINED);
      expect(first).toEqual({ status: 'succeeded', providerRefundId: expect.any(String) });
      expect(await gateway.refund(refundId, id, ADULT_PRICE, ALL_EXPLAINED)).toEqual(first);
      expect(await provider.returned(id)).toEqual([ADULT_PRICE.amount]);
      expect(await gateway.find(charge.paymentId)).toMatchObject({ refunded: ADULT_PRICE.amount });
    });

    promise('never more goes back than came in, however it is split', async () => {
      const id = await captured(newCharge());
      const refund = (amount: number) =>
        gateway.refund(randomUUID(), id, { amount, currency: 'USD' }, ALL_EXPLAINED);
      expect(await refund(5_000)).toMatchObject({ status: 'succeeded' });
      const refused = { status: 'refused', code: 'exceeds_capture' };
      expect(await refund(7_001)).toEqual(refused);
      expect(await refund(7_000)).toMatchObject({ status: 'succeeded' });
      expect(await refund(1)).toEqual(refused);
      expect((await provider.returned(id)).toSorted()).toEqual([5_000, 7_000]);
      expect(await gateway.retrieve(id)).toMatchObject({ status: 'captured', refunded: 12_000 });
    });

    promise('nothing goes back beside what someone returned at the provider', async () => {
      const id = await captured(newCharge());
      const part = { amount: 5_000, currency: 'USD' };
      const [byOthers, first, second] = [randomUUID(), randomUUID(), randomUUID()];
      await gateway.refund(byOthers, id, { ...part, amount: 1_000 }, ALL_EXPLAINED);
      const ours = { refundIds: [first, second], amountByHand: 0 };
      const refused = { status: 'refused', code: 'refunded_otherwise' };
      expect(await gateway.refund(first, id, part, ours)).toEqual(refused);
      expect(await gateway.refund(first, id, part, { ...ours, amountByHand: 999 })).toEqual(
        refused,
      );
      const settled = { ...ours, amountByHand: 1_000 };
      const made = await gateway.refund(first, id, part, settled);
      expect(made).toMatchObject({ status: 'succeeded' });
      // One that was made is the answer whatever else has come, and explains itself to the next.
      expect(await gateway.refund(first, id, part, ours)).toEqual(made);
      expect(await gateway.refund(second, id, part, settled)).toMatchObject({
        status: 'succeeded',
      });
      expect((await provider.returned(id)).toSorted()).toEqual([1_000, 5_000, 5_000]);
    });

    promise('only captured money goes back', async () => {
      const id = await authorized(newCharge());
      const refused = { status: 'refused', code: 'exceeds_capture' };
      expect(await gateway.refund(randomUUID(), id, ADULT_PRICE, ALL_EXPLAINED)).toEqual(refused);
      await gateway.void(id);
      expect(await gateway.refund(randomUUID(), id, ADULT_PRICE, ALL_EXPLAINED)).toEqual(refused);
    });

    promise('all captured payments since an instant are listed, the oldest first', async () => {
      const since = new Date();
      const first = await captured(newCharge());
      const reserved = await authorized(newCharge());
      const second = await captured(newCharge());
      await gateway.refund(randomUUID(), second, { amount: 100, currency: 'USD' }, ALL_EXPLAINED);

      const listed = await capturedSince(since);
      expect(listed.find(({ providerPaymentId: id }) => id === second)).toMatchObject({
        status: 'captured',
        refunded: 100,
      });
      const ids = listed.map(({ providerPaymentId }) => providerPaymentId);
      expect(ids).toEqual(expect.arrayContaining([first, second]));
      expect(ids).not.toContain(reserved);
      expect(ids.indexOf(first)).toBeLessThan(ids.indexOf(second));
      expect(await capturedSince(new Date(Date.now() + 60_000))).toEqual([]);
    });
  });
}
