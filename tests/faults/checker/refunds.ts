import type { ProviderPayment } from '../history/format';
import type { Operation } from '../history/read';
import { CancellationQuote, read } from './bodies';
import { changesOf, costsOf, sum, type Known } from './costs';
import { cameToNothing, doneAt, firstSentAt } from './requests';
import { soldBy } from './sale';
import { disruptionsOf } from './schedule-changes';
import { bookingIn, type Story } from './story';

/** What a cancellation gives back is what its customer was told, by quote, answer and final read. */
export function findOtherRefunds(booking: Known, story: Story) {
  return [
    ...findRefundOffRecord(booking, story),
    ...(booking.last.status === 'cancelled'
      ? [...findOtherAnswers(booking), ...findOtherQuotes(booking, story)]
      : []),
  ];
}

/** The booking's own refund is those of the payments that pay for it; a change's are the change's. */
function findRefundOffRecord(booking: Known, story: Story) {
  const { id, last, payments } = booking;
  const costs = costsOf(booking, story);
  const applied = payments.filter((payment) => payment.applied && payment.status === 'captured');
  if (costs === undefined || applied.length === 0) return [];
  const recorded = sum(applied.flatMap(({ refunds }) => refunds.map(({ amount }) => amount)));
  const expected = (last.refund?.amount ?? 0) + sum(costs.map(({ toRefund }) => toRefund));
  return recorded === expected
    ? []
    : [
        {
          what: `Booking ${id}: refunds of ${expected} were told, and those of its payments are ${recorded}`,
          operations: [],
        },
      ];
}

function cancellationsOf({ operations }: Known): Operation[] {
  return operations.filter(({ kind, response }) => kind === 'cancel' && response?.status === 200);
}

function findOtherAnswers(booking: Known) {
  const { id, last, payments } = booking;
  const refund = last.refund?.amount ?? 0;
  // Money that pays for nothing goes back, too, and may come later.
  const unapplied = sum(
    payments
      .filter(({ status, applied }) => status === 'captured' && !applied)
      .map(({ amount }) => amount),
  );
  const isWhatBecameOf = (amount: number) => refund >= amount && refund - amount <= unapplied;
  const told = cancellationsOf(booking).map((operation) => ({
    operation,
    amount: bookingIn(operation)?.refund?.amount ?? 0,
  }));
  return [...told, ...agreedRefunds(booking)]
    .filter(({ amount }) => !isWhatBecameOf(amount))
    .map(({ operation, amount }) => ({
      what: `Booking ${id}: a refund of ${amount} was told, and it is ${refund}`,
      operations: [operation.id],
    }));
}

/**
 * The refunds for which alone customers cancelled a booking that was sold. Of one that was cancelled
 * already, by whomever, all are told how it is, whatever they expected.
 */
function agreedRefunds(booking: Known): { operation: Operation; amount: number }[] {
  const { last, payments, requests } = booking;
  const isSold = payments.some(({ status, applied }) => status === 'captured' && applied);
  // Refunds of changes come on top.
  const isChanged = changesOf(requests).length > 0;
  if (!isSold || isChanged || last.cancellationReason !== 'customer_request') return [];
  const asked = requests.filter(
    (attempts) => attempts[0]?.kind === 'cancel' && !cameToNothing(attempts),
  );
  return cancellationsOf(booking).flatMap((operation) => {
    const amount = expectedRefundOf(operation);
    const isTheCause = asked.every(
      (other) => firstSentAt(other) > operation.endedAt || other.every(isFor(amount)),
    );
    return amount === undefined || !isTheCause ? [] : [{ operation, amount }];
  });
}

function isFor(amount: number | undefined) {
  return (operation: Operation) => expectedRefundOf(operation) === amount;
}

function expectedRefundOf({ request }: Operation): number | undefined {
  const { expectedRefund } = (request.body ?? {}) as { expectedRefund?: { amount: number } };
  return expectedRefund?.amount;
}

/** Where nothing came between a quote and the cancellation, what was quoted goes back. */
function findOtherQuotes(booking: Known, story: Story) {
  const [cancelled] = cancellationsOf(booking);
  if (cancelled === undefined) return [];
  const told = bookingIn(cancelled)?.refund?.amount ?? 0;
  return booking.operations.flatMap((operation) => {
    const { id, kind, response, sentAt, endedAt } = operation;
    if (kind !== 'cancel_quote' || response?.status !== 200) return [];
    const quoted = read(CancellationQuote, response.body)?.refund.amount;
    const isComparable =
      sentAt >= soldBy(booking) &&
      endedAt <= cancelled.sentAt &&
      isAlone(booking, story, { from: sentAt, cancelled });
    if (!isComparable || quoted === undefined || quoted === told) return [];
    const what = `Booking ${booking.id}: a refund of ${quoted} was quoted, and ${told} goes back`;
    return [{ what, operations: [id, cancelled.id] }];
  });
}

/** Whether nothing else could change, from that moment on, what a cancellation gives back. */
function isAlone(
  { creation, requests, last }: Known,
  story: Story,
  { from, cancelled }: { from: number; cancelled: Operation },
): boolean {
  // Bookings are told of a schedule change some time after it was acknowledged.
  const disruptions = disruptionsOf(last, story, firstSentAt(creation));
  return (
    disruptions.every((change) => firstSentAt(change) >= cancelled.endedAt) &&
    requests.every(
      (other) =>
        other.includes(cancelled) ||
        !CHANGES_MONEY.includes(other[0]?.kind ?? '') ||
        cameToNothing(other) ||
        doneAt(other) < from ||
        firstSentAt(other) > cancelled.endedAt,
    )
  );
}

/** Once a booking is sold, no other payment pays for it. */
const CHANGES_MONEY = ['cancel', 'change', 'accept'];

/** Cards whose provider never says what became of a payment. */
const SILENT_CARDS = ['pm_sandbox_unknown'];

/**
 * Every refund has been made when all is calm. Those of other providers wait for a person, who alone
 * can make them; of our own one no refund does, unless its card is one that nothing is known of.
 */
export function findStuckRefunds(
  { id, payments }: Known,
  provider: string,
  books: ProviderPayment[],
) {
  const silent = new Set(
    books.filter(({ paymentMethod }) => SILENT_CARDS.includes(paymentMethod)).map(({ key }) => key),
  );
  return payments.flatMap((payment) =>
    payment.refunds
      .filter(({ status }) => status !== 'succeeded')
      .filter(({ status }) => status === 'pending' || payment.provider === provider)
      .filter(() => !silent.has(payment.id))
      .map(({ status, amount, currency }) => ({
        what: `Booking ${id}: a refund of ${amount} ${currency} has not been made, and is ${status}`,
        operations: [],
      })),
  );
}
