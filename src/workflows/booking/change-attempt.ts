import { condition, type ApplicationFailure } from '@temporalio/workflow';
import type { NextAction } from '../../domain/payment';
import type { BookingChange, ChangeResult, DecidedChange } from '../../temporal/contracts/change';
import type { CardAttempt } from './card-attempt';

/** A change under way, until who asked for it is told how it ended. */
export class ChangeAttempt {
  /** Its charge, once one is made. */
  card: CardAttempt | undefined;
  private nextAction: NextAction | undefined;
  private outcome: { result: DecidedChange } | { refusal: ApplicationFailure } | undefined;

  constructor(readonly change: BookingChange) {}

  /**
   * Waits until there is a result: the outcome, or the action that the payer's bank requires first.
   * Returns undefined when the booking is over before the change was begun.
   *
   * @throws ApplicationFailure when the change was refused: nothing has changed.
   */
  async toldToCaller(isOver: () => boolean): Promise<ChangeResult | undefined> {
    const isTold = () => this.outcome !== undefined || this.nextAction !== undefined;
    await condition(() => isTold() || isOver());
    if (this.outcome === undefined) {
      const { fingerprint, changeId } = this.change;
      const { nextAction } = this;
      if (nextAction === undefined) return undefined;
      return { outcome: 'action_required', fingerprint, changeId, nextAction };
    }
    if ('refusal' in this.outcome) throw this.outcome.refusal;
    return this.outcome.result;
  }

  /** Records that the payer has to confirm the payment with their bank. */
  requireAction(nextAction: NextAction): void {
    this.nextAction = nextAction;
  }

  end(result: DecidedChange): void {
    this.outcome = { result };
  }

  refuse(refusal: ApplicationFailure): void {
    this.outcome = { refusal };
  }
}
