import {
  alter,
  answersTo,
  bookingOf,
  change,
  endsOf,
  lasting,
  type Body,
  type BrokenPromise,
} from './breaking';
import type { Operation } from '../history/read';

/** Money that is not as it was told. */
export const BROKEN_MONEY: BrokenPromise[] = [
  {
    check: 'money',
    what: 'a card is charged twice',
    breakIt: ({ provider: { payments } }) => {
      const first = payments.find(({ status }) => status === 'captured');
      if (first !== undefined) payments.push({ ...first, id: 'another', key: 'another' });
      return first !== undefined;
    },
  },
  {
    check: 'money',
    what: 'a refund was never made',
    breakIt: ({ provider: { payments } }) =>
      change(
        payments.find(({ refunds }) => refunds.length > 0),
        { refunds: [] },
      ),
  },
  {
    check: 'money',
    what: 'a refund is a cent short',
    breakIt: ({ provider: { payments } }) => {
      const refund = payments.flatMap(({ refunds }) => refunds)[0];
      return refund !== undefined && change(refund, { amount: refund.amount - 1 });
    },
  },
  {
    check: 'money',
    what: 'a payment of nobody is kept',
    breakIt: ({ provider: { payments } }) =>
      change(
        payments.find(({ status, refunds }) => status === 'captured' && refunds.length === 0),
        { bookingId: null },
      ),
  },
  {
    check: 'money',
    what: 'money stays reserved',
    breakIt: ({ provider: { payments } }) => {
      const [first] = payments;
      if (first === undefined) return false;
      payments.push({ ...first, id: 'another', status: 'authorized', capturedAt: null });
      return true;
    },
  },
  {
    check: 'money',
    what: 'a reported payment is on record twice',
    breakIt: ({ final }) =>
      alter(final.payments, ({ data }) => {
        const payments = (data ?? []) as { provider: string }[];
        const foreign = payments.find(({ provider }) => provider === 'bank');
        if (foreign !== undefined) payments.push({ ...foreign });
        return foreign !== undefined;
      }),
  },
  {
    check: 'money',
    what: 'another refund is made than was told',
    breakIt: (history) =>
      alter(
        answersTo(history, 'cancel', 200),
        ({ refund }) => refund !== null && change(refund as { amount: number }, { amount: 1 }),
      ),
  },
  {
    check: 'money',
    what: 'a booking is cancelled for another refund than its customer insisted on',
    breakIt: ({ operations }) => {
      const hasItsOwnWay = (one: Operation) =>
        operations.every(
          (other) =>
            other === one ||
            bookingOf(other) !== bookingOf(one) ||
            (other.kind !== 'change' && (other.kind !== 'cancel' || other.sentAt > one.endedAt)),
        );
      const cancelled = operations.find(
        (one) =>
          one.kind === 'cancel' &&
          ((JSON.parse(one.response?.body ?? '{}') as Body).refund ?? null) !== null &&
          hasItsOwnWay(one),
      );
      if (cancelled === undefined) return false;
      const body = { expectedRefund: { amount: 1, currency: 'USD' } };
      return change(cancelled, { request: { ...cancelled.request, body } });
    },
  },
  {
    check: 'money',
    what: 'less goes back than was quoted just before',
    breakIt: (history) => {
      // A schedule change at the same time may change what goes back.
      const operations = history.operations.filter(({ kind }) => kind !== 'schedule_change');
      history.operations = operations;
      const quotes = answersTo(history, 'cancel_quote', 200).filter((quote) => {
        const own = operations.filter((other) => bookingOf(other) === bookingOf(quote));
        const [next] = own.filter(({ sentAt }) => sentAt > quote.sentAt);
        const isSold = own.some(
          ({ kind, response: answer, endedAt }) =>
            kind === 'pay' && answer?.status === 201 && endedAt < quote.sentAt,
        );
        const isFirst = own.find(({ kind }) => kind === 'cancel') === next;
        return isSold && isFirst && next?.response?.status === 200;
      });
      return alter(quotes, ({ refund }) => {
        const { amount } = refund as { amount: number };
        return amount > 0 && change(refund as { amount: number }, { amount: amount + 1 });
      });
    },
  },
  {
    check: 'money',
    what: 'a refund of our own provider waits for a person',
    breakIt: ({ final, provider: { payments } }) =>
      alter(final.payments, ({ data }) => {
        const own = ((data ?? []) as FinalPayment[]).find(
          ({ provider, refunds }) => provider === 'sandbox' && refunds.length > 0,
        );
        const charged = payments.find(({ key }) => key === own?.id);
        return (
          change(own?.refunds[0], { status: 'needs_operator' }) && change(charged, { refunds: [] })
        );
      }),
  },
  {
    check: 'money',
    what: 'another refund is made, and on record, than the booking shows',
    breakIt: ({ final, provider: { payments } }) =>
      alter(final.payments, ({ data }) => {
        const own = ((data ?? []) as FinalPayment[]).find(
          ({ provider, refunds }) => provider === 'sandbox' && refunds.length > 0,
        );
        const charged = payments.find(({ key }) => key === own?.id);
        return change(own?.refunds[0], { amount: 1 }) && change(charged?.refunds[0], { amount: 1 });
      }),
  },
  {
    check: 'money',
    what: 'another price is charged than was acknowledged',
    breakIt: (history) => {
      const { final, provider } = history;
      const line = lasting(history).find(({ bookingId, response: { body } }) => {
        const isSold = endsOf(history, 'pay', 201).some((one) => one.bookingId === bookingId);
        return isSold && body.includes('"booked"');
      });
      const own = final.payments.find(({ bookingId }) => bookingId === line?.bookingId);
      const charged = provider.payments.find(({ bookingId }) => bookingId === line?.bookingId);
      const pays = answersTo(history, 'pay', 201).filter(
        (one) => bookingOf(one) === line?.bookingId,
      );
      const price = { amount: 12_345 };
      if (line === undefined || own === undefined || !change(charged, price)) return false;
      for (const pay of pays) alter([pay], (body) => change(body, price));
      alter([line], (body) => change(body.price as typeof price, price));
      return alter([own], ({ data }) =>
        change(
          ((data ?? []) as FinalPayment[]).find(({ applied }) => applied),
          price,
        ),
      );
    },
  },
];

interface FinalPayment {
  id: string;
  provider: string;
  amount: number;
  applied: boolean;
  refunds: { status: string; amount: number }[];
}
