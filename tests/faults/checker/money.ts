import type { ProviderPayment } from '../history/format';
import type { Operation } from '../history/read';
import { type Booking, Change, Payment, read } from './bodies';
import type { Check } from './finding';
import { groupBy } from './group-by';
import { cameToNothing, type Attempts } from './requests';
import { bookingIn, type BookingStory, type Story } from './story';

/**
 * Money at the provider is what customers were told, to the cent (docs/reliability.md, "What is
 * promised": a payment returned with 201 is captured once; at most one is applied; all other
 * captured money goes back; what the fare gives back goes back once).
 *
 * Prices, fees and refunds are those that customers were told, in quotes and responses: the checker
 * knows no fare.
 */
export const checkMoney: Check = (history, story) => {
  const { provider, payments } = history.provider;
  const atProvider = groupBy(payments, ({ bookingId }) => bookingId ?? '');
  const known = [...story.bookings.values()].filter(isKnown);
  const ids = new Set(known.map(({ id }) => id));
  return [
    ...payments.filter(({ bookingId }) => !ids.has(bookingId ?? '')).flatMap(findOrphan),
    ...known.flatMap((booking) => [
      ...compareWithProvider(booking, provider, atProvider.get(booking.id) ?? []),
      ...findUnrecordedPayments(booking),
      ...compareReports(booking, provider),
      ...findUnappliedMoney(booking),
      ...findOtherPrice(booking, story),
      ...findOtherRefund(booking),
    ]),
  ];
};

type Known = BookingStory & {
  last: Booking;
  payments: NonNullable<BookingStory['payments']>;
};

function isKnown(booking: BookingStory): booking is Known {
  return booking.last !== undefined && booking.payments !== undefined;
}

const sum = (amounts: number[]) => amounts.reduce((total, amount) => total + amount, 0);

function net({ status, amount, refunds }: ProviderPayment): number {
  return status === 'captured' ? amount - sum(refunds.map((refund) => refund.amount)) : 0;
}

/** Nobody was told of it, so nothing may be kept of it. */
function findOrphan(payment: ProviderPayment) {
  const kept = net(payment);
  if (kept === 0 && payment.status !== 'authorized') return [];
  const { id, bookingId, status, currency } = payment;
  const whose = bookingId ?? 'no booking';
  return [
    {
      what: `Payment ${id} of ${whose}, which nobody knows, is ${status}, and ${kept} ${currency} are kept`,
      operations: [],
    },
  ];
}

function compareWithProvider({ id, payments }: Known, provider: string, books: ProviderPayment[]) {
  const told = payments.filter((payment) => payment.provider === provider);
  const captured = told.filter(({ status }) => status === 'captured');
  const toldNet = captured.map(
    ({ amount, refunds, refundedByProvider, currency }) =>
      `${amount - sum(gone(refunds)) - refundedByProvider} ${currency}`,
  );
  const bookedNet = books
    .filter(({ status }) => status === 'captured')
    .map((payment) => `${net(payment)} ${payment.currency}`);
  const isUnderWay = told.some(({ status }) => ['processing', 'authorized'].includes(status));
  const reserved = books.filter(({ status }) => status === 'authorized' && !isUnderWay);
  return [
    ...(toldNet.sort().join() === bookedNet.sort().join()
      ? []
      : [
          {
            what: `Booking ${id}: the provider keeps [${bookedNet.join(', ')}], its customer was told [${toldNet.join(', ')}]`,
            operations: [],
          },
        ]),
    ...reserved.map((payment) => ({
      what: `Booking ${id}: ${payment.amount} ${payment.currency} are still reserved by ${payment.id}`,
      operations: [],
    })),
  ];
}

/** The refunds that have gone back, as told. */
function gone(refunds: { status: string; amount: number }[]): number[] {
  return refunds.filter(({ status }) => status === 'succeeded').map(({ amount }) => amount);
}

/** Every payment that was acknowledged is on record, with its amount. */
function findUnrecordedPayments({ id, operations, payments }: Known) {
  return operations.flatMap(({ id: operation, kind, response }) => {
    const told =
      kind === 'pay' && response?.status === 201 ? read(Payment, response.body) : undefined;
    if (told === undefined) return [];
    const isThere = payments.some(
      (payment) =>
        payment.id === told.id &&
        payment.status === 'captured' &&
        payment.amount === told.amount &&
        payment.currency === told.currency,
    );
    return isThere
      ? []
      : [
          {
            what: `Booking ${id}: payment ${told.id} of ${told.amount} ${told.currency} was acknowledged and is not on record`,
            operations: [operation],
          },
        ];
  });
}

/** Every reported payment of another provider that was accepted is on record, once. */
function compareReports({ id, operations, payments }: Known, provider: string) {
  const reports = operations.filter(({ kind }) => kind === 'pay_external').map(reportOf);
  const foreign = reports.filter((report) => report.provider !== provider);
  const sent = new Set(foreign.map(({ name }) => name));
  const accepted = new Set(foreign.flatMap(({ name, isAccepted }) => (isAccepted ? [name] : [])));
  const recorded = payments.filter((payment) => payment.provider !== provider).length;
  return recorded >= accepted.size && recorded <= sent.size
    ? []
    : [
        {
          what: `Booking ${id}: ${accepted.size} reported payments were accepted, and ${recorded} are on record`,
          operations: foreign.map(({ operation }) => operation),
        },
      ];
}

function reportOf({ id, request, response }: Operation) {
  const body = (request.body ?? {}) as { data?: Report } & Report;
  const { provider = '', providerPaymentId = '' } = body.data ?? body;
  const isAccepted = response !== undefined && response.status < 300;
  return { operation: id, provider, name: `${provider} ${providerPaymentId}`, isAccepted };
}

interface Report {
  provider?: string;
  providerPaymentId?: string;
}

/** What was captured and pays for nothing goes back in full, or waits for a person. */
function findUnappliedMoney({ id, payments }: Known) {
  return payments
    .filter(({ status, applied }) => status === 'captured' && !applied)
    .filter(({ amount, refunds, refundedByProvider }) => {
      const owed = refunds.filter(({ status }) => status !== 'pending');
      return sum(owed.map((refund) => refund.amount)) + refundedByProvider !== amount;
    })
    .map((payment) => ({
      what: `Booking ${id}: ${payment.amount} ${payment.currency} of payment ${payment.id} pay for nothing and have not gone back`,
      operations: [],
    }));
}

/** What a booked booking has cost is its price, and what each acknowledged change was quoted. */
function findOtherPrice({ id, creation, requests, payments, last }: Known, { quotes }: Story) {
  if (last.status !== 'booked') return [];
  const changes = changesOf(requests);
  const costs = changes.map((attempts) => costOf(attempts, quotes));
  // Of a change that nobody was told of it isn't known what it should have cost.
  if (costs.includes(undefined)) return [];
  const made = creation.find(({ response }) => response?.status === 201);
  const first = made === undefined ? undefined : bookingIn(made)?.price;
  // The price at the end is that of the first itinerary only where there was no other.
  const price = costs.length === 0 ? last.price : first;
  if (price === undefined) return [];
  const expected = price.amount + sum(costs.map((cost) => cost ?? 0));
  const applied = payments.filter((payment) => payment.applied && payment.status === 'captured');
  const paid = sum(
    applied.map(({ amount, refunds }) => amount - sum(refunds.map((refund) => refund.amount))),
  );
  return paid === expected
    ? []
    : [
        {
          what: `Booking ${id} should have cost ${expected} ${price.currency} and has cost ${paid}`,
          operations: [...creation, ...changes.flat()].map((operation) => operation.id),
        },
      ];
}

/** The changes that may have had an effect, each with its repetitions. */
function changesOf(requests: Attempts[]): Attempts[] {
  return requests.filter((attempts) => attempts[0]?.kind === 'change' && !cameToNothing(attempts));
}

/** What a change that was acknowledged as completed has cost, by its quote. */
function costOf(attempts: Attempts, quotes: Story['quotes']): number | undefined {
  const isDone = attempts.some(({ response }) => {
    const change = response?.status === 201 ? read(Change, response.body) : undefined;
    return change?.status === 'completed';
  });
  const { quoteId = '' } = (attempts[0]?.request.body ?? {}) as { quoteId?: string };
  const quote = isDone ? quotes.get(quoteId) : undefined;
  return quote && quote.toPay.amount - quote.toRefund.amount;
}

/** The refund of a cancellation is the one that was told, and asked for, and it has been made. */
function findOtherRefund({ id, operations, requests, last }: Known) {
  if (last.status !== 'cancelled') return [];
  const refund = last.refund?.amount ?? 0;
  const cancellations = operations.filter(
    ({ kind, response }) => kind === 'cancel' && response?.status === 200,
  );
  const isChanged = changesOf(requests).length > 0;
  const told = cancellations.flatMap((operation) => {
    const amount = bookingIn(operation)?.refund?.amount ?? 0;
    return amount === refund ? [] : [{ operation, amount }];
  });
  const agreed = cancellations.flatMap((operation) => {
    const { expectedRefund } = (operation.request.body ?? {}) as {
      expectedRefund?: { amount: number };
    };
    const amount = expectedRefund?.amount ?? refund;
    // Refunds of changes come on top.
    return isChanged || amount === refund ? [] : [{ operation, amount }];
  });
  const waiting = last.refund?.status === 'pending';
  return [
    ...[...told, ...agreed].map(({ operation, amount }) => ({
      what: `Booking ${id}: a refund of ${amount} was told, and it is ${refund}`,
      operations: [operation.id],
    })),
    ...(waiting
      ? [{ what: `Booking ${id}: its refund of ${refund} has not been made`, operations: [] }]
      : []),
  ];
}
