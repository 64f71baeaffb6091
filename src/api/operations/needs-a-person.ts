import type { Stuck, StuckKind } from '../../operations/stuck/case';
import { keptFor } from '../../telemetry/metrics/kept-for';
import { isOutOfReach } from '../../temporal/clients/reach';
import { unavailable } from '../problem';

/** What an operator can do about something, by the route of that name. */
export const OPERATOR_ACTIONS = [
  'cancel',
  'retry-payment',
  'retry-refund',
  'settle-refund',
] as const;

type OperatorAction = (typeof OPERATOR_ACTIONS)[number];

const ACTIONS: Record<StuckKind, OperatorAction[]> = {
  hold_past_deadline: [],
  charge_under_way: ['retry-payment'],
  refund_needs_operator: ['retry-refund', 'settle-refund'],
  refund_under_way: ['retry-refund'],
  payment_disputed: ['cancel'],
  refunded_by_provider: ['cancel'],
  change_under_way: ['retry-payment'],
  schedule_change_untold: [],
  schedule_change_overdue: [],
  not_in_database: [],
  settled_but_running: [],
  workflow_code_fails: [],
  build_without_workers: [],
};

export const STUCK_KINDS = Object.keys(ACTIONS) as [StuckKind, ...StuckKind[]];

/** Looking asks for every open workflow: once in ten seconds is enough for however many look. */
const KEPT_MS = 10_000;

export interface Looking {
  findStuck: () => Promise<Stuck[]>;
  /** Where Temporal's UI is; undefined if that is not set. */
  temporalUiUrl: string | undefined;
  temporalNamespace: string;
}

/**
 * Returns how to list what needs a person, with what can be done about it.
 *
 * @throws Problem `service_unavailable` while Temporal can't be reached.
 */
export function listNeedsAPerson({ findStuck, temporalUiUrl, temporalNamespace }: Looking) {
  const urlOf = (workflowId: string) =>
    temporalUiUrl === undefined
      ? null
      : `${temporalUiUrl.replace(/\/$/, '')}/namespaces/${encodeURIComponent(temporalNamespace)}` +
        `/workflows/${encodeURIComponent(workflowId)}`;
  return keptFor(KEPT_MS, async () => {
    const checkedAt = new Date().toISOString();
    const found = await findStuck().catch(explain);
    return {
      checkedAt,
      data: found.map(({ detail, refundId = null, ...stuck }) => ({
        ...stuck,
        refundId,
        reason: detail,
        actions: stuck.bookingId === null ? [] : ACTIONS[stuck.kind],
        workflowUrl: urlOf(stuck.workflowId),
      })),
    };
  });
}

function explain(error: unknown): never {
  throw isOutOfReach(error) ? unavailable('Temporal cannot be asked now.') : error;
}
