import { Counter, type Registry } from 'prom-client';
import type { ReconciliationActivities } from '../../activities/reconciliation';
import type { Disagreement, ReconciliationPart } from '../../temporal/contracts/reconciliation';
import type { ObserversOfAllBut } from './observed';

/**
 * Counts what reconciliation repairs and finds. What stays wrong is found, and counted, by every
 * run.
 *
 * Each counter begins with zero. One that began with its first finding would not have increased,
 * and no alert would fire.
 */
export function countReconciliationOutcomes(
  registry: Registry,
): ObserversOfAllBut<ReconciliationActivities, 'findOverdueHolds'> {
  const registers = [registry];
  const repairs = new Counter({
    name: 'reconciliation_repairs_total',
    help: 'Holds, workflows, bookings, refunds and payments that reconciliation repaired, by kind.',
    labelNames: ['kind'],
    registers,
  });
  const disagreements = new Counter({
    name: 'reconciliation_disagreements_total',
    help: 'Payments on which the provider and our books differ, by kind.',
    labelNames: ['kind'],
    registers,
  });
  const audits = new Counter({ name: 'audits_total', help: 'Finished audits.', registers });
  const violations = new Counter({
    name: 'audit_violations_total',
    help: 'Rows and workflows that violate an invariant.',
    registers,
  });
  const failures = new Counter({
    name: 'reconciliation_failures_total',
    help: 'Failures of reconciliation, by part.',
    labelNames: ['part'],
    registers,
  });
  for (const part of Object.keys(PARTS)) failures.inc({ part }, 0);
  for (const kind of REPAIRS) repairs.inc({ kind }, 0);
  for (const kind of Object.keys(DISAGREEMENTS)) disagreements.inc({ kind }, 0);

  const countRepairs = (kind: (typeof REPAIRS)[number], count: number) =>
    repairs.inc({ kind }, count);
  return {
    releaseOverdueHold(isReleased) {
      if (isReleased) countRepairs('released_hold', 1);
    },
    resumeRefunds(payments) {
      countRepairs('resumed_refund', payments.length);
    },
    freeOverdueHolds({ released }) {
      countRepairs('released_hold', released.length);
    },
    restoreLostWorkflows({ restored }) {
      countRepairs('restored_workflow', restored.length);
    },
    tellOverdueBookings({ told }) {
      countRepairs('told_booking', told.length);
    },
    takeUpOpenPayments({ resumed }) {
      countRepairs('resumed_refund', resumed.length);
    },
    reportFailures(_count, failed) {
      for (const { part } of failed) failures.inc({ part });
    },
    auditEveryRule({ violations: found, failed }) {
      // An audit that left invariants out is not complete.
      if (failed.length === 0) audits.inc();
      for (const { count } of found) violations.inc(count);
    },
    auditNextPart({ violations: found, failed, next }) {
      if (next === null && failed.length === 0) audits.inc();
      for (const { count } of found) violations.inc(count);
    },
    compareWithProvider(comparison) {
      countRepairs('delivered_payment', comparison.delivered.length);
      for (const { kind, count } of comparison.disagreements) disagreements.inc({ kind }, count);
    },
    auditEverything(found) {
      audits.inc();
      for (const { count } of found) violations.inc(count);
    },
  };
}

const REPAIRS = [
  'released_hold',
  'restored_workflow',
  'told_booking',
  'resumed_refund',
  'delivered_payment',
] as const;

const PARTS: Record<ReconciliationPart, true> = {
  overdue_holds: true,
  lost_workflows: true,
  schedule_changes: true,
  open_payments: true,
  provider_comparison: true,
  audit: true,
};

const DISAGREEMENTS: Record<Disagreement['kind'], true> = {
  not_on_record: true,
  taken_nevertheless: true,
  other_amount: true,
  other_refund: true,
  not_captured: true,
};
