import { readStaffEvents, type StaffEventView } from '../../db/bookings/event-view';
import { listChangesOnRecord, type ChangeOnRecord } from '../../db/changes/history-view';
import type { Db } from '../../db/connection';
import { journalOfBooking, type JournalLine } from '../../db/ledger/ledger-view';
import { listBookingMails, type BookingMail } from '../../db/mails/booking-mails-view';
import {
  listBookingPayments,
  type PaymentWithRefunds,
} from '../../db/payments/booking-payments-view';
import {
  listScheduleChangesOnRecord,
  type ScheduleChangeOnRecord,
} from '../../db/schedule-changes/history-view';
import {
  listBookingDeliveries,
  type BookingDelivery,
} from '../../db/webhooks/booking-deliveries-view';
import type { BookingEventType } from '../../domain/booking-event';
import { formatMoney } from '../../domain/money';

/** Where an entry of a timeline comes from. */
export const TIMELINE_KINDS = [
  'booking',
  'payment',
  'refund',
  'dispute',
  'ledger',
  'change',
  'schedule_change',
  'webhook',
  'mail',
] as const;

/** Something that happened to a booking, in words; `at` in ISO 8601. */
export interface TimelineEntry {
  at: string;
  kind: (typeof TIMELINE_KINDS)[number];
  title: string;
  detail: string | null;
  /** Who did it, where that is known: the ID of a customer, an operator, or a part of the system. */
  by: string | null;
}

export interface Timeline {
  bookingId: string;
  /** The oldest first. */
  entries: TimelineEntry[];
  /** False when older entries are left out. */
  isComplete: boolean;
}

/** Far more than a booking has, unless its webhooks fail for days. */
const MAX_ENTRIES = 500;

/**
 * Joins all that is on record about a booking into one list. Names and addresses of passengers are
 * not in it.
 */
export async function readTimeline(db: Db, bookingId: string): Promise<Timeline> {
  const [events, payments, journal, changes, scheduleChanges, deliveries, mails] =
    await Promise.all([
      readStaffEvents(db, bookingId),
      listBookingPayments(db, bookingId),
      journalOfBooking(db, bookingId),
      listChangesOnRecord(db, bookingId),
      listScheduleChangesOnRecord(db, bookingId),
      listBookingDeliveries(db, bookingId, MAX_ENTRIES),
      listBookingMails(db, bookingId, MAX_ENTRIES),
    ]);
  // In this order, where several happened at one instant: the sort below keeps it.
  const all = [
    ...events.map(aboutEvent),
    ...payments.flatMap(aboutPayment),
    ...transactionsOf(journal).map(aboutTransaction),
    ...changes.map(aboutChange),
    ...scheduleChanges.map(aboutScheduleChange),
    ...deliveries.map(aboutDelivery),
    ...mails.map(aboutMail),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const isComplete =
    all.length <= MAX_ENTRIES && deliveries.length < MAX_ENTRIES && mails.length < MAX_ENTRIES;
  return { bookingId, entries: all.slice(-MAX_ENTRIES), isComplete };
}

/** Returns the parts that there are, as one text; null without any. */
function joined(...parts: (string | null)[]): string | null {
  const given = parts.filter((part) => part !== null && part !== '');
  return given.length === 0 ? null : given.join('; ');
}

const EVENT_TITLES: Record<BookingEventType, string> = {
  seats_held: 'Seats held',
  seats_refused: 'Seats refused',
  payment_started: 'Payment started',
  payment_retried: 'Payment tried again',
  payment_declined: 'Payment declined',
  payment_voided: 'Payment voided',
  payment_not_applied: 'Money that pays for nothing',
  booked: 'Booked',
  change_started: 'Change started',
  changed: 'Changed',
  change_failed: 'Change failed',
  name_corrected: 'Name corrected',
  seats_changed: 'Seats changed',
  cancelled: 'Cancelled',
  schedule_changed: 'Told of a schedule change',
  schedule_change_accepted: 'Schedule change accepted',
  refund_needs_operator: 'Refund needs a person',
  refund_retried: 'Refund tried again',
  refunded: 'Refunded',
  refund_failed: 'Refund failed',
  refunded_by_provider: 'Refunded by the provider itself',
  payment_disputed: 'Payment disputed',
  dispute_won: 'Dispute won',
  dispute_lost: 'Dispute lost',
};

function aboutEvent({ type, occurredAt, by, reason, note }: StaffEventView): TimelineEntry {
  const detail = joined(reason, note === null ? null : `Note: ${note}`);
  return { at: occurredAt, kind: 'booking', title: EVENT_TITLES[type], detail, by };
}

function aboutPayment(payment: PaymentWithRefunds): TimelineEntry[] {
  const { id, provider, status, createdAt, capturedAt, declineCode, dispute, refunds } = payment;
  const named = joined(
    `payment ${id}`,
    declineCode === null ? null : `declined: ${declineCode}`,
    payment.applied ? 'pays for the booking' : null,
    payment.refundedByProvider > 0
      ? `${formatMoney({ ...payment, amount: payment.refundedByProvider })} was refunded by the provider itself`
      : null,
  );
  const what = formatMoney(payment);
  return [
    {
      at: createdAt,
      kind: 'payment',
      detail: named,
      by: provider,
      title: `Payment of ${what}: ${status}`,
    },
    ...(capturedAt === null
      ? []
      : [entry(capturedAt, 'payment', `Captured ${what}`, `payment ${id}`, provider)]),
    ...refunds.map((refund) =>
      entry(
        refund.createdAt,
        'refund',
        `Refund of ${formatMoney(refund)}: ${refund.status}`,
        `of payment ${id}`,
        null,
      ),
    ),
    // When it was opened is an event of the booking: here is how it stands.
    ...(dispute
      ? [
          entry(
            capturedAt ?? createdAt,
            'dispute',
            `Dispute of ${formatMoney(dispute)}: ${dispute.status}`,
            `of payment ${id}`,
            provider,
          ),
        ]
      : []),
  ];
}

function entry(
  at: string,
  kind: TimelineEntry['kind'],
  title: string,
  detail: string | null,
  by: string | null,
): TimelineEntry {
  return { at, kind, title, detail, by };
}

/** Returns the lines of a journal by transaction: a balanced set. */
function transactionsOf(journal: readonly JournalLine[]): JournalLine[][] {
  const byTransaction = new Map<string, JournalLine[]>();
  for (const line of journal) {
    const key = JSON.stringify([line.occurredAt, line.kind, line.paymentId]);
    byTransaction.set(key, [...(byTransaction.get(key) ?? []), line]);
  }
  return [...byTransaction.values()];
}

function aboutTransaction(lines: JournalLine[]): TimelineEntry {
  const [first] = lines;
  if (first === undefined) throw new Error('Bug: a transaction without postings');
  const { occurredAt, kind, paymentId } = first;
  const postings = lines.map(
    ({ account, amount, currency }) =>
      `${account} ${amount > 0 ? 'debit' : 'credit'} ${formatMoney({ amount: Math.abs(amount), currency })}`,
  );
  const title = `Posted: ${kind.replaceAll('_', ' ')}`;
  return entry(occurredAt, 'ledger', title, joined(...postings, `payment ${paymentId}`), null);
}

function aboutChange(change: ChangeOnRecord): TimelineEntry {
  const { changeId, status, failure, createdAt, newTotal, toPay, toRefund } = change;
  const detail = joined(
    failure === null ? null : `failed: ${failure}`,
    `new price ${formatMoney(newTotal)}`,
    toPay.amount > 0 ? `${formatMoney(toPay)} to pay` : null,
    toRefund.amount > 0 ? `${formatMoney(toRefund)} back` : null,
    `change ${changeId}`,
  );
  return entry(createdAt, 'change', `Change: ${status}`, detail, null);
}

function aboutScheduleChange(change: ScheduleChangeOnRecord): TimelineEntry {
  const { flightNumber, kind, reason, state, outcome, respondBy, scheduleChangeId } = change;
  const detail = joined(
    reason,
    outcome === null ? state : `${outcome} by ${change.decidedBy ?? 'nobody'}`,
    state === 'waiting' && respondBy !== null ? `respond by ${respondBy}` : null,
    `schedule change ${scheduleChangeId}`,
  );
  return entry(change.appliedAt, 'schedule_change', `${flightNumber} ${kind}`, detail, null);
}

function aboutDelivery(delivery: BookingDelivery): TimelineEntry {
  const { at, type, attempt, status, responseStatus, error, durationMs, endpointId } = delivery;
  const detail = joined(
    responseStatus === null ? null : `HTTP ${String(responseStatus)}`,
    error?.replaceAll('_', ' ') ?? null,
    durationMs === null ? null : `${String(durationMs)} ms`,
    `endpoint ${endpointId}`,
  );
  return entry(at, 'webhook', `${type}, attempt ${String(attempt)}: ${status}`, detail, null);
}

function aboutMail({ at, kind, status, attempts, lastReply }: BookingMail): TimelineEntry {
  const detail = joined(
    `${String(attempts)} ${attempts === 1 ? 'attempt' : 'attempts'}`,
    lastReply === null ? null : `the server's last reply: ${String(lastReply)}`,
  );
  return entry(at, 'mail', `Mail “${kind.replaceAll('_', ' ')}”: ${status}`, detail, null);
}
