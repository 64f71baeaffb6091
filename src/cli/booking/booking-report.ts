import { findBrokenRule } from '../../domain/broken-rule';
import { findDifference } from '../../activities/provider-comparison';
import { readStaffEvents, type StaffEventView } from '../../db/bookings/event-view';
import { listBookingStandings } from '../../db/bookings/standing-view';
import { listChangesOnRecord, type ChangeOnRecord } from '../../db/changes/history-view';
import { listPaymentsOnRecord, type PaymentOnRecord } from '../../db/payments/record-view';
import {
  listScheduleChangesOnRecord,
  type ScheduleChangeOnRecord,
} from '../../db/schedule-changes/history-view';
import type { Booking } from '../../domain/booking';
import { isUnderWay } from '../../domain/payment';
import {
  ProviderRejected,
  ProviderUnavailable,
  type ProviderPayment,
} from '../../payments/gateway';
import { bookingState, type BookingState } from '../../temporal/contracts/booking';
import { cancellationWorkflowId } from '../../temporal/contracts/cancellation';
import { refundState, refundWorkflowId, type RefundState } from '../../temporal/contracts/refund';
import { createWorkflowLookup } from '../../temporal/clients/workflow-lookup';
import type { System } from '../systems';
import { findLateChanges } from './late-changes';
import { explainStanding } from './standing';
import { reportWorkflow, type WorkflowReport } from './workflow-report';

/**
 * Everything that is known of a booking, by source. Passengers are left out: a repair doesn't need
 * them.
 */
export interface BookingReport {
  booking: Omit<Booking, 'passengers'>;
  /** False while no worker has run its workflow: then all of it is the workflow's input. */
  isInDatabase: boolean;
  events: StaffEventView[];
  payments: PaymentReport[];
  changes: ChangeOnRecord[];
  scheduleChanges: ScheduleChangeOnRecord[];
  workflow: WorkflowReport<BookingState> | null;
  /** The workflow that cancelled it after it was booked. */
  cancellation: WorkflowReport<never> | null;
  /** Where the sources disagree. */
  disagreements: string[];
  /** What looks like a disagreement but is none, with the reason. */
  remarks: string[];
}

/** A payment as we have it, as its provider has it, and its refund workflow. */
export interface PaymentReport {
  record: PaymentOnRecord;
  /** Null when the provider has no record of it, or gave no result. */
  provider: ProviderPayment | null;
  asked: 'answered' | 'silent' | 'not_ours';
  refundWorkflow: WorkflowReport<RefundState> | null;
}

/** Reads a booking from the database, the workflows and the provider, and compares them. */
export async function readBookingReport(
  system: System,
  { passengers: _, ...booking }: Booking,
): Promise<BookingReport> {
  const { db, client } = system;
  const [[standing], events, records, changes, scheduleChanges] = await Promise.all([
    listBookingStandings(db, [booking.id]),
    readStaffEvents(db, booking.id),
    listPaymentsOnRecord(db, booking.id),
    listChangesOnRecord(db, booking.id),
    listScheduleChangesOnRecord(db, booking.id),
  ]);
  const payments = await Promise.all(records.map((record) => readPaymentReport(system, record)));
  const ofWorkflow = await createWorkflowLookup(client).one(booking.id);
  const brokenRule = findBrokenRule(standing, ofWorkflow, new Date());
  const workflow = (await reportWorkflow(client, booking.workflowId, bookingState)) ?? null;
  const cancellation =
    (await reportWorkflow<never>(client, cancellationWorkflowId(booking.id))) ?? null;
  const isInDatabase = standing !== undefined;
  return {
    booking,
    isInDatabase,
    events,
    payments,
    changes,
    scheduleChanges,
    workflow,
    cancellation,
    remarks: explainStanding({ status: booking.status, isInDatabase, workflow, cancellation }),
    disagreements: [
      ...(brokenRule === undefined ? [] : [`Violated: ${brokenRule}.`]),
      ...(isOverdue(booking) ? ['Its deadline has passed, and its seats are still held.'] : []),
      ...payments.flatMap(disagreementsOf),
      ...findLateChanges({ changes, scheduleChanges }, new Date()),
    ],
  };
}

/** A hold ends within two seconds of its deadline, unless a payment is under way. */
const ENDING_MS = 2_000;

function isOverdue({ status, paymentRequiredBy, payment }: Omit<Booking, 'passengers'>): boolean {
  if (status !== 'pending' || paymentRequiredBy === null) return false;
  const isBeingPaid = payment !== null && isUnderWay(payment.status);
  return !isBeingPaid && Date.parse(paymentRequiredBy) + ENDING_MS < Date.now();
}

async function readPaymentReport(system: System, record: PaymentOnRecord): Promise<PaymentReport> {
  const refund = await reportWorkflow(
    system.client,
    refundWorkflowId(record.refund?.changeRefundId ?? record.paymentId),
    refundState,
  );
  return { record, ...(await providerActivities(system, record)), refundWorkflow: refund ?? null };
}

async function providerActivities(
  { providers }: System,
  { paymentId, provider, providerPaymentId }: PaymentOnRecord,
): Promise<Pick<PaymentReport, 'provider' | 'asked'>> {
  const gateway = providers.named(provider);
  if (gateway === undefined) return { provider: null, asked: 'not_ours' };
  try {
    const found = await (providerPaymentId === null
      ? gateway.find(paymentId)
      : gateway.retrieve(providerPaymentId));
    return { provider: found ?? null, asked: 'answered' };
  } catch (error) {
    if (error instanceof ProviderUnavailable || error instanceof ProviderRejected)
      return { provider: null, asked: 'silent' };
    throw error;
  }
}

function disagreementsOf({ record, provider, asked, refundWorkflow }: PaymentReport): string[] {
  const { paymentId, status, refund } = record;
  const found: string[] = [];
  const isTakenThere = provider?.status === 'captured';
  if (asked === 'answered' && status === 'captured' && !isTakenThere)
    found.push(`Payment ${paymentId} is captured, but not at the provider.`);
  const difference = provider !== null && isTakenThere && findDifference(record, provider);
  if (difference) found.push(`Payment ${paymentId}: ${DIFFERENCES[difference]}`);
  const isOpen = refund !== null && refund.status !== 'succeeded';
  if (isOpen && refundWorkflow?.execution !== 'RUNNING')
    found.push(`The refund of payment ${paymentId} is open, and no workflow handles it.`);
  return found;
}

const DIFFERENCES: Record<NonNullable<ReturnType<typeof findDifference>>, string> = {
  not_on_record: 'the provider captured money that is not on record.',
  taken_nevertheless: 'the provider captured the money, and we have it as not captured.',
  other_amount: 'the provider captured another amount.',
  other_refund: 'the provider refunded another amount.',
  not_captured: 'the provider has not captured the money.',
};
