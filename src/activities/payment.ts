import {
  findOtherPaymentsUnderWay,
  noteAuthorization,
  noteDecline,
  noteVoided,
  startPayment,
  type UnderWay,
} from '../db/card-payments';
import {
  confirmWithCardPayment,
  confirmWithForeignPayment,
  noteCapturedInVain,
  recordUnappliedPayment,
} from '../db/captures';
import type { Authorization } from '../payments/gateway';
import type { CardPayment, ForeignPayment, PaymentResult } from '../temporal/contracts';
import type { ActivityDependencies } from './dependencies';
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

    /** Sells the seats for a payment that another service has taken; answers false when that is on record for something else. */
    async confirmExternallyPaidBooking(payment: ForeignPayment): Promise<boolean> {
      return confirmWithForeignPayment(db, payment);
    },

    /** Records money that can't be applied, to be given back. */
    async recordUnappliedPayment(payment: ForeignPayment, reason: string): Promise<void> {
      await recordUnappliedPayment(db, payment, reason);
    },
  };
}

/** The steps of paying that ask the provider. No transaction of ours is open while it thinks. */
export function providerActivities({ db, payments }: ActivityDependencies) {
  async function reverse(payment: UnderWay, reason: string): Promise<void> {
    const found = await payments.find(payment.paymentId);
    if (found?.status === 'authorized') await payments.void(found.providerPaymentId);
    if (found?.status === 'captured') {
      const { providerPaymentId } = found;
      await noteCapturedInVain(db, payment, {
        provider: payments.provider,
        providerPaymentId,
        reason,
      });
    } else {
      await noteVoided(db, payment);
    }
  }

  return {
    /** Reserves the price on the customer's card; the payment's ID makes a repeated call find the first. */
    async authorizePayment(payment: CardPayment): Promise<Authorization> {
      const { paymentId, amount, currency, paymentMethod } = payment;
      const money = { amount, currency };
      const authorization = await payments.authorize({ paymentId, money, paymentMethod });
      if (authorization.status === 'authorized') {
        await noteAuthorization(db, {
          paymentId,
          providerPaymentId: authorization.providerPaymentId,
        });
      }
      return authorization;
    },

    /** Takes the reserved money. */
    async capturePayment(providerPaymentId: string): Promise<void> {
      await payments.capture(providerPaymentId);
    },

    /**
     * Clears the way for a payment: another one of its booking is on record as under way, of which the workflow knows nothing, since its worker died
     * before it could tell. What the provider knows of that one is undone.
     */
    async clearForgottenPayments({ bookingId, paymentId }: CardPayment): Promise<void> {
      for (const forgotten of await findOtherPaymentsUnderWay(db, bookingId, paymentId))
        await reverse(forgotten, 'forgotten');
    },

    /**
     * Undoes a payment whose outcome never became clear: looks it up at the provider, and gives up what was reserved. Money that was
     * taken is recorded as owed back.
     */
    async reversePayment(payment: CardPayment, reason: string): Promise<void> {
      await reverse(payment, reason);
    },
  };
}
