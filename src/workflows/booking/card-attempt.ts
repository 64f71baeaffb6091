import { CancellationScope, condition, type ApplicationFailure } from '@temporalio/workflow';
import type { NextAction, Payment } from '../../domain/payment';
import type { CardPayment, PaymentResult } from '../../temporal/contracts/booking';
import { providerActivities } from '../shared/activities';
import { refusalOf } from '../shared/refusals';

/** A card payment under way, until its payer is told how it ended. Only this object changes it. */
export class CardAttempt {
  private nextAction: NextAction | undefined;
  private outcome: { result: PaymentResult } | { refusal: ApplicationFailure } | undefined;
  private call: CancellationScope | undefined;
  /** How often the provider has been called. */
  callsBegun = 0;

  constructor(readonly payment: CardPayment) {}

  /**
   * Waits until there is a result for the payer: the outcome, or the action that their bank
   * requires first.
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

  /** Records that the payer has to confirm the payment with their bank. */
  requireAction(nextAction: NextAction): void {
    this.nextAction = nextAction;
  }

  /** Records that the payment was captured, or declined. */
  end(result: PaymentResult): void {
    this.outcome = { result };
  }

  /** Records that the payment can't be made: nothing was taken, or what was taken goes back. */
  refuse(refusal: ApplicationFailure): void {
    this.outcome = { refusal };
  }

  /**
   * Calls the provider until it gives a definite result, or the time is up.
   *
   * An operator may have it called again at any moment (`callAgain`). A try that is waiting to be
   * retried is cancelled; one that is running is completed first. If that gives no result, the
   * provider is called again, under the same key and within the same time limit. Two tries never
   * overlap.
   */
  async callProvider<Result>(
    { limitMs, summary }: { limitMs: number; summary: string },
    call: (provider: ReturnType<typeof providerActivities>) => Promise<Result>,
  ): Promise<Result> {
    const giveUpAt = Date.now() + limitMs;
    for (let leftMs = limitMs; ; leftMs = giveUpAt - Date.now()) {
      const scope = new CancellationScope();
      this.call = scope;
      this.callsBegun += 1;
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

  /** Calls the provider again at once, if a call is under way. */
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
