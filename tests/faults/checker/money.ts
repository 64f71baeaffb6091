import type { ProviderPayment } from '../history/format';
import type { Operation } from '../history/read';
import { Payment, read } from './bodies';
import { changesOf, costsOf, isKnown, sum, type Known } from './costs';
import type { Check } from './finding';
import { groupBy } from './group-by';
import { findOtherRefunds, findStuckRefunds } from './refunds';
import { bookingIn, type Story } from './story';

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
      ...findOtherRefunds(booking, story),
      ...findStuckRefunds(booking, provider, atProvider.get(booking.id) ?? []),
    ]),
  ];
};

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
function findOtherPrice(booking: Known, story: Story) {
  const { id, creation, requests, payments, last } = booking;
  const costs = costsOf(booking, story);
  // Of a change that nobody was told of it isn't known what it should have cost.
  if (last.status !== 'booked' || costs === undefined) return [];
  const made = creation.find(({ response }) => response?.status === 201);
  const first = made === undefined ? undefined : bookingIn(made)?.price;
  // The price at the end is that of the first itinerary only where there was no other.
  const price = first ?? (costs.length === 0 ? last.price : undefined);
  if (price === undefined) return [];
  const expected = price.amount + sum(costs.map(({ toPay, toRefund }) => toPay - toRefund));
  const applied = payments.filter((payment) => payment.applied && payment.status === 'captured');
  const paid = sum(
    applied.map(({ amount, refunds }) => amount - sum(refunds.map((refund) => refund.amount))),
  );
  return paid === expected
    ? []
    : [
        {
          what: `Booking ${id} should have cost ${expected} ${price.currency} and has cost ${paid}`,
          operations: [...creation, ...changesOf(requests).flat()].map((operation) => operation.id),
        },
      ];
}
