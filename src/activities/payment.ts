import {
  findOtherPaymentsUnderWay,
  noteAuthorization,
  noteDecline,
  startPayment,
} from '../db/card-payments';
import { confirmWithCardPayment, confirmWithForeignPayment } from '../db/captures';
import { recordUnappliedPayment } from '../db/unapplied-payments';
import { notePaymentRetry } from '../db/retries';
import { ProviderUnavailable, type Authorization, type Capture } from '../payments/gateway';
import type { CardPayment, ForeignPayment, PaymentResult } from '../temporal/contracts';
import type { Misfit } from '../temporal/refund-contracts';
import type { SignedRetry } from '../temporal/retries';
import type { ActivityDependencies } from './dependencies';
import { lookUpReported } from './reported-payment';
import { reverseCharge, type Reversal } from './reversal';
import { refusalsAreFinal } from './refusals';

/** The steps of paying that stay within PostgreSQL: short, and safe to repeat. */
export function paymentRecordActivities({ db, payments }: ActivityDependencies) {
  return {
    /** Commits that a payment is about to be asked for, before the provider hears of it. */
    async startPayment(payment: CardPayment): Promise<void> {
      await refusalsAreFinal(() => startPayment(db, payment, payments.provider));
    },

    /** Notes that the card's bank said no. */
    async recordDecline(payment: CardPayment, declineCode: string): Promise<PaymentResult> {
      return noteDecline(db, payment, declineCode);
    },

    /** Sells the seats for the captured payment. */
    async confirmBooking(payment: CardPayment): Promise<PaymentResult> {
      return confirmWithCardPayment(db, payment);
    },

    /** Sells the seats for a payment that another service has taken; answers false when it can't pay for them. */
    async confirmExternallyPaidBooking(payment: ForeignPayment): Promise<boolean> {
      return confirmWithForeignPayment(db, payment);
    },

    /** Notes who has the provider asked again about a booking's payment, and why. */
    async notePaymentRetry(bookingId: string, retry: SignedRetry): Promise<void> {
      await notePaymentRetry(db, bookingId, retry);
    },

    /**
     * Records money that can't be applied, to be given back; answers whether it must go back. What
     * our own provider does not have is recorded as not found.
     *
     * @throws while our own provider gives no answer.
     */
    async recordUnappliedPayment(
      payment: ForeignPayment,
      reason: Misfit,
    ): Promise<{ paymentId: string; isOwedBack: boolean }> {
      const terms = { reason, ourProvider: payments.provider };
      const finding = await lookUpReported({ db, payments }, payment);
      switch (finding.outcome) {
        case 'foreign':
          return recordUnappliedPayment(db, payment, terms);
        case 'captured': {
          const { amount, currency } = finding;
          return recordUnappliedPayment(db, { ...payment, amount, currency }, terms);
        }
        case 'not_found':
          return recordUnappliedPayment(db, payment, { ...terms, reason: 'not_found' });
        case 'own_charge':
          return { paymentId: finding.paymentId, isOwedBack: false };
        case 'silent':
          throw new ProviderUnavailable(`${payment.provider} gave no answer.`);
        default:
          return finding satisfies never;
      }
    },
  };
}

/** The steps of paying that ask the provider. No transaction of ours is open while it thinks. */
export function providerActivities({ db, payments }: ActivityDependencies) {
  return {
    /** Reserves the price on the customer's card; the payment's ID makes a repeated call find the first. */
    async authorizePayment(payment: CardPayment): Promise<Authorization> {
      const { paymentId, bookingId, amount, currency, paymentMethod } = payment;
      const money = { amount, currency };
      const authorization = await payments.authorize({
        paymentId,
        bookingId,
        money,
        paymentMethod,
      });
      if (authorization.status === 'authorized') {
        await noteAuthorization(db, {
          paymentId,
          providerPaymentId: authorization.providerPaymentId,
        });
      }
      return authorization;
    },

    /** Takes the reserved money. */
    async capturePayment(providerPaymentId: string): Promise<Capture> {
      return payments.capture(providerPaymentId);
    },

    /**
     * Clears the way for a payment: another one of its booking is on record as under way, of which the workflow knows nothing, since its worker died
     * before it could tell. What the provider knows of that one is undone. Answers the payments whose money was taken and is owed back.
     */
    async clearForgottenPayments({ bookingId, paymentId }: CardPayment): Promise<string[]> {
      const owed: string[] = [];
      for (const forgotten of await findOtherPaymentsUnderWay(db, bookingId, paymentId)) {
        const reversal = await reverseCharge({ db, payments }, forgotten, 'forgotten');
        if (reversal === 'owed_back') owed.push(forgotten.paymentId);
      }
      return owed;
    },

    /** Undoes a charge whose outcome never became clear, or that is not wanted any more. */
    async reversePayment(payment: CardPayment, reason: string): Promise<Reversal> {
      return reverseCharge({ db, payments }, payment, reason);
    },
  };
}
