import { Context } from '@temporalio/activity';
import { recordUnappliedPayment } from '../db/external-payments/unapplied';
import { confirmWithCardPayment, confirmWithExternalPayment } from '../db/payments/captures';
import {
  findOtherPaymentsUnderWay,
  recordAuthorization,
  recordDecline,
  startFirstPayment,
  startPayment,
  type UnderWay,
} from '../db/payments/card-payments';
import { findChargeOf } from '../db/payments/payment-view';
import { recordPaymentRetry } from '../db/refunds/retries';
import {
  ProviderUnavailable,
  type Authorization,
  type Capture,
  type Charged,
} from '../payments/gateway';
import { namesOf } from '../payments/providers';
import type {
  CardPayment,
  DeclinedPayment,
  ExternalPayment,
  PaymentResult,
  StartedPayment,
} from '../temporal/contracts/booking';
import type { UnappliedReason } from '../temporal/contracts/refund';
import type { SignedRetry } from '../temporal/contracts/retries';
import type { ActivityDependencies } from './dependencies';
import { chargedBy, gatewayOf, type ChargedBy } from './payment-gateway';
import { providerFaultsAreFinal, refusalsAreFinal } from './refusals';
import { lookUpReported } from './reported-payment';
import { reverseCharge, type Reversal } from './reversal';

/**
 * The payment activities that keep the record: short, and safe to repeat. They use PostgreSQL alone;
 * only `recordUnappliedPayment` asks our own provider first.
 */
export function paymentRecordActivities({ db, providers, limits }: ActivityDependencies) {
  return {
    /** Commits that a charge is about to be requested, before the provider is asked. */
    async startPayment(payment: CardPayment): Promise<StartedPayment> {
      const { maxDeclinesPerHour } = limits;
      return refusalsAreFinal(() =>
        startPayment(db, payment, providers.current.provider, maxDeclinesPerHour),
      );
    },

    /** Records that the payment was declined. */
    async recordDecline(payment: CardPayment, declineCode: string): Promise<DeclinedPayment> {
      return recordDecline(db, payment, declineCode);
    },

    /**
     * Sells the seats for the captured payment. Workflows of an earlier version don't pass the
     * provider's ID of it: they had it recorded before the capture.
     *
     * @throws ApplicationFailure `booking_not_payable` when the money can't pay for them any more.
     */
    async confirmBooking(payment: CardPayment, providerPaymentId?: string): Promise<PaymentResult> {
      return refusalsAreFinal(() => confirmWithCardPayment(db, payment, providerPaymentId));
    },

    /**
     * Sells the seats for a payment that another service has taken. Returns false when it can't pay
     * for them.
     */
    async confirmExternallyPaidBooking(payment: ExternalPayment): Promise<boolean> {
      return confirmWithExternalPayment(db, payment);
    },

    /** Records who had the provider asked again about a booking's payment, and why. */
    async notePaymentRetry(bookingId: string, retry: SignedRetry): Promise<void> {
      await recordPaymentRetry(db, bookingId, retry);
    },

    /**
     * Records money that can't be applied, to be refunded. Returns whether it is owed back. A
     * payment that our own provider does not have is recorded as not found.
     *
     * @throws while our own provider gives no result.
     */
    async recordUnappliedPayment(
      payment: ExternalPayment,
      reason: UnappliedReason,
    ): Promise<{ paymentId: string; isOwedBack: boolean }> {
      const terms = { reason, ourProviders: namesOf(providers) };
      const finding = await lookUpReported({ db, providers }, payment);
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
          throw new ProviderUnavailable(`${payment.provider} did not respond.`);
        default:
          return finding satisfies never;
      }
    },
  };
}

/** How far a payment by one activity has got. Only a settled one has sold seats, or was declined. */
export type PaidByCard =
  | { status: 'settled'; result: PaymentResult; started: StartedPayment }
  | (Exclude<Charged, { status: 'captured' | 'declined' }> & { started: StartedPayment })
  | { status: 'not_started' };

/**
 * How long a provider may take for a reservation, in milliseconds, if the money is to be taken in
 * the same call. Both together stay far below the time limit of the activity.
 */
const QUICK_MS = 1_000;

/**
 * The payment activities that ask the provider of the payment. No transaction of ours is open
 * meanwhile. If the provider definitely rejects a request, the activity fails without retries, with
 * the fault as its type.
 */
export function providerActivities({ db, providers, limits }: ActivityDependencies) {
  const deps = { db, providers };

  function reserve(payment: CardPayment, { gateway, startedAt }: ChargedBy) {
    const { paymentId, bookingId, amount, currency, paymentMethod } = payment;
    const money = { amount, currency };
    return gateway.authorize({ paymentId, bookingId, money, paymentMethod, startedAt });
  }

  /** Puts an authorization on record, and returns it. */
  async function recorded<A extends { providerPaymentId: string }>(
    { paymentId }: CardPayment,
    authorization: A,
  ): Promise<A> {
    const { providerPaymentId } = authorization;
    await recordAuthorization(db, { paymentId, providerPaymentId });
    return authorization;
  }

  /**
   * Reserves the price and takes it at once, unless reserving it was slow or had been tried before.
   */
  async function charge(payment: CardPayment, started: StartedPayment): Promise<Charged> {
    const gateway = gatewayOf(providers, started.provider);
    const since = Date.now();
    const authorization = await reserve(payment, {
      gateway,
      startedAt: new Date(started.startedAt),
    });
    if (authorization.status !== 'authorized') return authorization;
    const isQuick = Date.now() - since < QUICK_MS && Context.current().info.attempt === 1;
    if (!isQuick) return recorded(payment, authorization);
    const { providerPaymentId } = authorization;
    try {
      const capture = await gateway.capture(providerPaymentId);
      return capture.status === 'captured' ? { ...capture, providerPaymentId } : capture;
    } catch (failure) {
      // The money is reserved, or taken: whoever looks into it finds the provider's ID.
      await recorded(payment, authorization);
      throw failure;
    }
  }

  return {
    /**
     * A whole card payment: puts it on record, charges the card, and sells the seats.
     *
     * Meant to be tried once. Whatever it leaves undone, or fails at, the workflow does in steps
     * that can each be repeated, and that find what was done here. They may even run beside it, if
     * it is slow: what sells the seats, and what undoes a charge, exclude each other.
     */
    async payByCard(payment: CardPayment): Promise<PaidByCard> {
      const { provider } = providers.current;
      const started = await startFirstPayment(db, payment, provider, limits.maxDeclinesPerHour);
      if (started === undefined) return { status: 'not_started' };
      const charged = await charge(payment, started);
      switch (charged.status) {
        case 'captured': {
          const { providerPaymentId } = charged;
          const result = await confirmWithCardPayment(db, payment, providerPaymentId);
          return { status: 'settled', result, started };
        }
        case 'declined': {
          const result = await recordDecline(db, payment, charged.declineCode);
          return { status: 'settled', result, started };
        }
        case 'authorized':
        case 'requires_action':
          return { ...charged, started };
        default:
          return charged satisfies never;
      }
    },

    /**
     * Charges the customer's card: reserves the price and takes it at once, so that nothing else has
     * to run in between. The payment's ID makes a repeated call return the first charge.
     *
     * Leaves the money reserved when reserving it took long or had to be tried again: something may
     * have come meanwhile, so the workflow decides whether the money is still wanted.
     */
    async chargeCard(payment: CardPayment, started: StartedPayment): Promise<Charged> {
      return providerFaultsAreFinal(() => charge(payment, started));
    },

    /**
     * Reserves the price on the customer's card. The payment's ID makes a repeated call return the
     * first authorization.
     */
    async authorizePayment(payment: CardPayment): Promise<Authorization> {
      return providerFaultsAreFinal(async () => {
        const authorization = await reserve(payment, await chargedBy(deps, payment.paymentId));
        if (authorization.status !== 'authorized') return authorization;
        return recorded(payment, authorization);
      });
    },

    /**
     * Takes the reserved money. Earlier workers passed no payment ID: it is found by the provider's
     * ID.
     */
    async capturePayment(providerPaymentId: string, paymentId?: string): Promise<Capture> {
      return providerFaultsAreFinal(async () => {
        const known = paymentId ?? (await findChargeOf(db, providerPaymentId));
        const { gateway } =
          known === undefined ? { gateway: providers.current } : await chargedBy(deps, known);
        return gateway.capture(providerPaymentId);
      });
    },

    /**
     * Undoes another payment of the booking that is on record as under way, so that this one can
     * start. The workflow does not know of it: its worker died before it could report it. Returns
     * the payments whose money was taken and is owed back.
     */
    async clearForgottenPayments({ bookingId, paymentId }: CardPayment): Promise<string[]> {
      return providerFaultsAreFinal(async () => {
        const owed: string[] = [];
        for (const orphaned of await findOtherPaymentsUnderWay(db, bookingId, paymentId)) {
          const reversal = await reverseCharge(deps, orphaned, 'forgotten');
          if (reversal === 'owed_back') owed.push(orphaned.paymentId);
        }
        return owed;
      });
    },

    /** Undoes a charge whose outcome is unknown, or that is no longer wanted. */
    async reversePayment(payment: UnderWay, reason: string): Promise<Reversal> {
      return providerFaultsAreFinal(() => reverseCharge(deps, payment, reason));
    },
  };
}
