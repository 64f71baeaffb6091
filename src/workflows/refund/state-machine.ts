import { condition, upsertSearchAttributes } from '@temporalio/workflow';
import type {
  RefundRequest,
  RefundState,
  Settlement,
  WhyOperator,
} from '../../temporal/contracts/refund';
import type { Retry, SignedRetry } from '../../temporal/contracts/retries';
import { RefundStatusAttribute } from '../../temporal/contracts/search-attributes';
import { Timeline } from '../shared/timeline';

/**
 * What a refund does next: ask the provider (`retry` when an operator says so), or note that an
 * operator has given the money back.
 */
export type RefundAction =
  { kind: 'ask'; retry?: SignedRetry | undefined } | { kind: 'settle'; settlement: Settlement };

/**
 * A provider that gives no result, or rejects what we ask, is asked again automatically. The first
 * interval is an hour; each later one is twice as long, up to a day.
 */
const ASK_AGAIN_AFTER_MS = 60 * 60 * 1000;
const ASK_AGAIN_AT_LEAST_EVERY_MS = 24 * 60 * 60 * 1000;

/**
 * The state of one refund, and the only place that decides what is tried next: one thing at a time.
 */
export class RefundStateMachine {
  state: RefundState;
  action: RefundAction | undefined;
  readonly timeline = new Timeline();
  private askAgainAfterMs = ASK_AGAIN_AFTER_MS;

  /** The refund of a change; undefined for the final one of the payment. */
  readonly refundId: string | undefined;

  constructor({ paymentId, refundId, retry }: RefundRequest) {
    this.refundId = refundId;
    this.state = { paymentId, status: 'pending', whyOperator: null };
    this.action = { kind: 'ask', retry };
  }

  get isOpen(): boolean {
    return this.state.status === 'pending' || this.state.status === 'needs_operator';
  }

  /** Whether nothing is being tried, so that an operator may act. */
  get isWaitingForOperator(): boolean {
    return this.state.status === 'needs_operator' && this.action === undefined;
  }

  /**
   * Waits for the next action. From then on no operator may act until it is done, even if it is
   * automatic.
   */
  async nextAction(): Promise<RefundAction> {
    if (isAskedAgainByItself(this.state)) {
      const summary = 'The provider is asked again at this time';
      await condition(() => this.action !== undefined, this.askAgainAfterMs, { summary });
      this.askAgainAfterMs = Math.min(2 * this.askAgainAfterMs, ASK_AGAIN_AT_LEAST_EVERY_MS);
    } else {
      await condition(() => this.action !== undefined);
    }
    this.action ??= { kind: 'ask' };
    return this.action;
  }

  /** Notes that an operator has it tried again. */
  noteRetry({ requestedBy, note }: Retry): void {
    this.timeline.note(
      `Operator ${requestedBy} has the payment provider asked again, now: ${note}`,
    );
  }

  /** Notes that an operator closes it. */
  noteSettlement({ settledBy, note }: Settlement): void {
    this.timeline.note(`Operator ${settledBy} closes the refund: ${note}`);
  }

  /** Sets the refund's status after a try. */
  become({ status, whyOperator }: Pick<RefundState, 'status' | 'whyOperator'>): void {
    this.state = { ...this.state, status, whyOperator };
    this.action = undefined;
    this.timeline.note(whyOperator === null ? ENDS[status] : WHY[whyOperator]);
    upsertSearchAttributes([
      { key: RefundStatusAttribute, value: status === 'nothing_owed' ? null : status },
    ]);
  }
}

/**
 * Whether the cause may go away without an operator's action on this refund. A silence does; so
 * does a rejection whose cause is repaired for all refunds at once, such as a wrong key.
 */
function isAskedAgainByItself({ whyOperator }: RefundState): boolean {
  return whyOperator === 'provider_silent' || whyOperator === 'provider_rejected';
}

const ENDS: Record<RefundState['status'], string> = {
  pending: 'The refund is under way.',
  succeeded: 'The money was refunded.',
  nothing_owed: 'Nothing is owed: no money was taken, or it pays for something.',
  needs_operator: 'An operator must return the money.',
};

/** What an operator reads: the cause, and what to do. */
const WHY: Record<WhyOperator, string> = {
  provider_silent:
    'The payment provider does not respond. It is asked again automatically; send `retryRefund` to ask now.',
  provider_rejected:
    'The payment provider rejects our requests about this payment. Check its key and permissions. It is asked again automatically; send `retryRefund` to ask now.',
  provider_not_configured:
    'The payment was made with a provider that the workers have no settings for. Configure it and send `retryRefund`, or have the payment refunded there and send `settleRefund`.',
  disputed:
    "The payer's bank disputes this payment: a refund would pay twice. When the dispute is won, send `retryRefund`; when it is lost, send `settleRefund`.",
  foreign_provider:
    'Another service captured this payment, and only that service can refund it. Have it refunded there, then send `settleRefund`.',
  not_found:
    'Our payment provider does not know this payment. Find out who captured the money, have it refunded, then send `settleRefund`.',
  disagrees:
    'Our payment provider has another amount or state of this payment than we have. Check its records, then send `settleRefund` or `retryRefund`.',
  refused:
    'Our payment provider refuses the refund: some of the money may have been refunded already. Check its records, then send `settleRefund` or `retryRefund`.',
};
