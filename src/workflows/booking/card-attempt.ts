import { CancellationScope, condition, type ApplicationFailure } from '@temporalio/workflow';
import type { NextAction, Payment } from '../../domain/payment';
import type { CardPayment, PaymentResult } from '../../temporal/contracts';
import { providerActivities } from '../shared/activities';
import { refusalOf } from '../shared/refusals';

/** A card payment under way, until the payer has been told how it ended. Only it changes itself. */
export class CardAttempt {
  private nextAction: NextAction | undefined;
  private outcome: { result: PaymentResult } | { refusal: ApplicationFailure } | undefined;
  private call: CancellationScope | undefined;

  constructor(readonly payment: CardPayment) {}

  /**
   * Waits until there is something to tell the payer: the outcome, or what their bank wants of them
   * first.
   *
   * @throws ApplicationFailure when the payment was refused.
   */
  async toldToPayer(): Promise<PaymentResult> {
    await condition(() => this.outcome !== undefined || this.nextAction !== undefined);
    if (this.outcome === undefined) {
      const { fingerprint } = this.payment;
      return { outcome: 'action_required', fingerprint, payment: this.asProcessing() };
    }
    if ('refusal' in this.outcome) throw this.outcome.refusal;
    return this.outcome.result;
  }

  /** The payer has to confirm the payment with their bank. */
  requireAction(nextAction: NextAction): void {
    this.nextAction = nextAction;
  }

  /** The payment was captured, or declined. */
  end(result: PaymentResult): void {
    this.outcome = { result };
  }

  /** The payment can't be made: nothing was taken, or what was taken goes back. */
  refuse(refusal: ApplicationFailure): void {
    this.outcome = { refusal };
  }

  /**
   * Calls the provider until it gives a definite result, or the time is up.
   *
   * An operator may have it called again at any moment (`callAgain`). A try that waits for its turn
   * is cancelled; one that runs is seen through. Where that brought no result the provider is
   * called anew, under the same key and within the same time. Two tries never overlap.
   */
  async callProvider<Result>(
    { limitMs, summary }: { limitMs: number; summary: string },
    call: (provider: ReturnType<typeof providerActivities>) => Promise<Result>,
  ): Promise<Result> {
    const giveUpAt = Date.now() + limitMs;
    for (let leftMs = limitMs; ; leftMs = giveUpAt - Date.now()) {
      const scope = new CancellationScope();
      this.call = scope;
      try {
        return await scope.run(() => call(providerActivities(leftMs, summary)));
      } catch (failure) {
        const isToBeCalledAgain = scope.consideredCancelled && Date.now() < giveUpAt;
        if (!isToBeCalledAgain || refusalOf(failure) !== undefined) throw failure;
      } finally {
        this.call = undefined;
      }
    }
  }

  /** Has the provider called again at once, if it is being called. */
  callAgain(): void {
    this.call?.cancel();
  }

  private asProcessing(): Payment {
    const { paymentId: id, bookingId, amount, currency } = this.payment;
    return {
      id,
      bookingId,
      bookingStatus: 'pending',
      status: 'processing',
      amount,
      currency,
      capturedAt: null,
      declineCode: null,
      dispute: null,
      ...(this.nextAction === undefined ? {} : { nextAction: this.nextAction }),
    };
  }
}
