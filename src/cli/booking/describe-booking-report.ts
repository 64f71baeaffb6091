import type { ChangeOnRecord } from '../../db/changes/history-view';
import type { ScheduleChangeOnRecord } from '../../db/schedule-changes/history-view';
import type { BookedSegment } from '../../domain/booking';
import { formatToTheSecond } from '../../domain/instant-text';
import { segmentsOf } from '../../domain/itinerary';
import { formatMoney } from '../../domain/money';
import { formatTable } from '../format';
import type { BookingReport, PaymentReport } from './booking-report';
import type { WorkflowReport } from './workflow-report';

const NOTHING = '–';

/** Describes a booking as its database, its workflows and its provider have it, side by side. */
export function describeBookingReport(report: BookingReport): string {
  const { booking, isInDatabase, events, payments, workflow, cancellation } = report;
  const { paymentRequiredBy } = booking;
  const stands = [booking.status, booking.cancellationReason ?? ''].join(' ').trim();
  const rows = [
    [
      'booking',
      isInDatabase ? stands : 'not there yet',
      describeWorkflow(workflow, ({ activity }) => activity),
      NOTHING,
    ],
    ...(cancellation === null
      ? []
      : [['cancellation', NOTHING, describeWorkflow(cancellation), NOTHING]]),
    ...payments.flatMap(describePayment),
    ...report.changes.map(describeChange),
    ...report.scheduleChanges.map(describeScheduleChange),
  ];
  return [
    `${booking.reference}  ${booking.id}`,
    ...segmentsOf(booking).map(describeSegment),
    `${formatMoney(booking.price)}, to be paid by ${paymentRequiredBy === null ? NOTHING : formatToTheSecond(paymentRequiredBy)}`,
    '',
    formatTable(['', 'DATABASE', 'WORKFLOW', 'PROVIDER'], rows),
    '',
    formatTable(
      ['WHEN (UTC)', 'WHAT', 'WHO', 'WHY', 'NOTE'],
      events.map(({ occurredAt, type, by, reason, note }) => [
        formatToTheSecond(occurredAt),
        type,
        by,
        reason ?? '',
        note ?? '',
      ]),
    ),
    '',
    ...conclude(report),
  ].join('\n');
}

function describeSegment({ flightNumber, origin, destination, departureAt, cabin }: BookedSegment) {
  return `${flightNumber} ${origin.iata} → ${destination.iata}, departs ${formatToTheSecond(departureAt)} UTC, ${cabin}`;
}

/** Returns what needs an operator, what only seems to, or that all sources agree. */
function conclude({ disagreements, remarks }: BookingReport): string[] {
  const explained = remarks.map((remark) => `  ${remark}`);
  if (disagreements.length > 0)
    return [...explained, ...disagreements.map((disagreement) => `! ${disagreement}`)];
  return explained.length > 0 ? [...explained, 'Nothing needs repair.'] : ['They agree.'];
}

/**
 * Describes a workflow: its state in Temporal's terms and in ours, what its query returns, its
 * build, and its problems.
 */
function describeWorkflow<State>(
  report: WorkflowReport<State> | null,
  sayOf: (state: State) => string | null = () => null,
): string {
  if (report === null) return 'none';
  const { execution, bookingStatus, refundStatus, build, state, troubles } = report;
  const says = state === null ? null : sayOf(state);
  const where = build === null ? null : `on build ${build}`;
  return [execution, bookingStatus ?? refundStatus, says, where, ...troubles]
    .filter((word) => word !== null)
    .join(', ');
}

function describePayment({ record, provider, asked, refundWorkflow }: PaymentReport): string[][] {
  const { paymentId, status, isApplied, money, refund } = record;
  const theirs = provider && `${provider.status} ${formatMoney(provider.money)}`;
  const back = provider ? formatMoney({ ...money, amount: provider.refunded }) : NOTHING;
  const rows = [
    [
      `payment ${paymentId}`,
      `${status}${isApplied ? ', applied' : ''} ${formatMoney(money)}`,
      NOTHING,
      theirs ?? WITHOUT_RECORD[asked],
    ],
  ];
  if (refund !== null || refundWorkflow !== null) {
    const ours = refund === null ? 'nothing owed' : `${refund.status} ${formatMoney(refund)}`;
    rows.push([
      '  refund',
      refund === null ? ours : `${ours}, ${refund.reason}`,
      describeWorkflow(refundWorkflow, ({ whyOperator }) => whyOperator),
      back,
    ]);
  }
  return rows;
}

function describeChange({ changeId, status, failure, ...money }: ChangeOnRecord): string[] {
  const { newTotal, toPay, toRefund } = money;
  const what = [
    status,
    failure,
    `new price ${formatMoney(newTotal)}`,
    toPay.amount > 0 ? `${formatMoney(toPay)} to pay` : null,
    toRefund.amount > 0 ? `${formatMoney(toRefund)} back` : null,
  ];
  return [`change ${changeId}`, what.filter((word) => word !== null).join(', '), NOTHING, NOTHING];
}

function describeScheduleChange(change: ScheduleChangeOnRecord): string[] {
  const { scheduleChangeId, flightNumber, kind, state, outcome, decidedBy, respondBy } = change;
  const what = [
    `${flightNumber} ${kind}`,
    state,
    state === 'waiting' && respondBy !== null ? `until ${formatToTheSecond(respondBy)}` : null,
    outcome === null ? null : `${outcome} by ${decidedBy === 'person' ? 'a person' : 'the system'}`,
  ];
  return [
    `schedule change ${scheduleChangeId}`,
    what.filter((word) => word !== null).join(', '),
    NOTHING,
    NOTHING,
  ];
}

/** Describes a payment for which the provider returned no record. */
const WITHOUT_RECORD: Record<PaymentReport['asked'], string> = {
  answered: 'unknown to it',
  silent: 'does not respond',
  not_ours: 'another service: not asked',
};
