import type { Payment } from '../../src/domain/payment';
import type { Charged } from '../../src/payments/gateway';
import type {
  CardPayment,
  ExternalPayment,
  PaymentResult,
} from '../../src/temporal/contracts/booking';
import { externalPaymentId } from '../../src/temporal/external-payment-id';
import type { Unapplied } from '../../src/temporal/contracts/external-payment';
import type { BookingChange } from '../../src/temporal/contracts/change';
import type { bookingsModel } from './bookings-model';
import {
  BOOKING_ID,
  CURRENCY,
  CUSTOMER_ID,
  Fault,
  MINUTE_MS,
  refusal,
  type Charge,
  type PaymentRow,
  type World,
} from './world';

type Under = Pick<CardPayment, 'paymentId' | 'amount'>;
interface Standing {
  toPay: { amount: number };
}

/**
 * What the database and the provider do with money, as a model. An activity is a generator: where
 * it yields, other things may happen, and it may be given up.
 */
export function paymentsModel(world: World, bookings: ReturnType<typeof bookingsModel>) {
  const started = () => ({ provider: 'sandbox', startedAt: new Date(world.now).toISOString() });

  function insert(payment: Under & { fingerprint: string }, changeId?: string): boolean {
    const { paymentId: id, amount, fingerprint } = payment;
    if (world.payments.has(id) || world.paymentsUnderWay().length > 0) return false;
    if (changeId === undefined && world.sold.status !== 'pending') return false;
    const of = changeId === undefined ? {} : { changeId };
    const row: PaymentRow = {
      id,
      amount,
      fingerprint,
      status: 'processing',
      provider: 'sandbox',
      applied: false,
      ...of,
    };
    world.payments.set(id, row);
    return true;
  }

  function resume(payment: Under & { fingerprint: string }): void {
    const earlier = world.payments.get(payment.paymentId);
    if (earlier === undefined)
      throw refusal(
        world.sold.status === 'pending' ? 'payment_in_progress' : 'booking_not_payable',
      );
    if (earlier.status === 'captured' && !earlier.applied) throw refusal('booking_not_payable');
    if (earlier.status !== 'voided') return;
    if (world.sold.status !== 'pending') throw refusal('booking_not_payable');
    if (world.paymentsUnderWay().length > 0) throw refusal('payment_in_progress');
    earlier.status = 'processing';
  }

  /** @throws Fault while the provider responds to nothing. */
  function requireProvider(): void {
    if (world.now < world.providerAwayUntil) throw new Fault('the provider is away');
  }

  /** One call to the provider, under the payment's own key. */
  function authorize({ paymentId, amount }: Under): Charge {
    const known = world.charges.get(paymentId);
    requireProvider();
    const card = world.cards.get(paymentId) ?? 'good';
    if (card === 'rejected') throw refusal('provider_rejected');
    if (known?.status === 'requires_action' && world.now >= known.confirmedAt)
      known.status = card === 'asks_bank_in_vain' ? 'declined' : 'authorized';
    if (known !== undefined) return known;
    const asks = card === 'asks_bank' || card === 'asks_bank_in_vain';
    const charge: Charge = {
      status: card === 'declined' ? 'declined' : asks ? 'requires_action' : 'authorized',
      amount,
      refunded: 0,
      confirmedAt: world.now + world.random() * 4 * MINUTE_MS,
    };
    world.charges.set(paymentId, charge);
    return charge;
  }

  function capture(paymentId: string): 'captured' | 'declined' {
    requireProvider();
    const charge = world.charges.get(paymentId);
    if (charge?.status === 'authorized') charge.status = 'captured';
    return charge?.status === 'captured' ? 'captured' : 'declined';
  }

  function declined(): { status: 'declined'; declineCode: string } {
    return { status: 'declined', declineCode: 'card_declined' };
  }

  function* charge(payment: CardPayment): Generator<void, Charged> {
    const { paymentId: id } = payment;
    const { status } = authorize(payment);
    yield;
    const providerPaymentId = `pi-${id}`;
    if (status === 'requires_action')
      return { status, providerPaymentId, nextAction: { type: 'redirect', url: 'https://bank' } };
    if (status === 'declined' || status === 'voided') return declined();
    if (world.random() < 0.3) {
      const row = world.payments.get(id);
      if (row !== undefined && world.isUnderWay(row)) row.status = 'authorized';
      return { status: 'authorized', providerPaymentId };
    }
    const taken = capture(id);
    yield;
    return taken === 'captured' ? { status: 'captured', providerPaymentId } : declined();
  }

  function confirm({ paymentId, fingerprint }: CardPayment): PaymentResult {
    const row = world.payments.get(paymentId);
    if (row === undefined) throw new Error(`Bug: payment ${paymentId} was never started`);
    if (!row.applied) {
      if (!world.isUnderWay(row) || world.sold.status !== 'pending')
        throw new Fault('The money of the payment goes back');
      Object.assign(row, { status: 'captured', applied: true });
      world.sold.status = 'booked';
      world.sold.kept += row.amount;
    }
    const { status, amount } = row;
    const payment: Payment = {
      bookingStatus: 'booked',
      id: paymentId,
      bookingId: BOOKING_ID,
      status,
      amount,
      currency: CURRENCY,
      capturedAt: null,
    };
    return { outcome: 'captured', fingerprint, payment };
  }

  function recordDecline({ paymentId, fingerprint }: CardPayment): PaymentResult {
    const row = world.payments.get(paymentId);
    if (row !== undefined && world.isUnderWay(row)) row.status = 'declined';
    return { outcome: 'declined', fingerprint, detail: 'declined', declineCode: 'card_declined' };
  }

  /** Undoes a charge: looks it up at the provider, then records what became of it. */
  function* reverse(paymentId: string): Generator<void, 'voided' | 'owed_back' | 'sold'> {
    requireProvider();
    const found = world.charges.get(paymentId);
    const isTaken = found?.status === 'captured';
    yield;
    const row = world.payments.get(paymentId);
    if (isTaken) {
      if (row === undefined || !world.isUnderWay(row))
        return row?.applied === true ? 'sold' : 'owed_back';
      row.status = 'captured';
      const known = world.refunds.find((refund) => refund.paymentId === paymentId);
      if (known === undefined)
        world.refunds.push({ paymentId, amount: row.amount, status: 'pending' });
      else known.status = 'pending';
      return 'owed_back';
    }
    // The provider refuses to void what was captured meanwhile: the next try finds it.
    if (world.charges.get(paymentId)?.status === 'captured') throw new Fault('captured meanwhile');
    if (found === undefined)
      // The provider keeps the key: a request that is late is answered with this.
      world.charges.set(paymentId, { status: 'voided', amount: 0, refunded: 0, confirmedAt: 0 });
    else if (found.status !== 'declined') found.status = 'voided';
    yield;
    if (row !== undefined && world.isUnderWay(row)) {
      row.status = 'voided';
      const at = world.refunds.findIndex((refund) => refund.paymentId === paymentId);
      if (at >= 0) world.refunds.splice(at, 1);
    }
    return 'voided';
  }

  function endChange(changeId: string): void {
    const change = world.changes.get(changeId);
    if (change?.status !== 'pending') return;
    const underWay = world
      .paymentsUnderWay()
      .find(
        ({ id, changeId: of }) =>
          of === changeId && !world.refunds.some(({ paymentId }) => paymentId === id),
      );
    if (underWay !== undefined) throw new Fault('a charge of the change is under way');
    if (world.sold.heldBeside !== undefined) world.giveBack(world.sold.heldBeside, 'beside');
    Object.assign(world.sold, { heldBeside: undefined, pendingChangeId: undefined });
    change.status = 'failed';
  }

  function completed(changeId: string, fingerprint: string) {
    return {
      result: {
        outcome: 'completed',
        fingerprint,
        change: { id: changeId, booking: world.view() },
      },
      refunds: bookings
        .openRefunds()
        .filter(({ refundId }) => refundId === changeId)
        .map(({ paymentId, refundId }) => ({ paymentId, refundId })),
    };
  }

  function record({ payment, reason }: Unapplied) {
    const paymentId = externalPaymentId(payment);
    const { amount, provider } = payment;
    const isMoney = reason !== 'not_found' && reason !== 'provider_silent';
    const known = world.payments.get(paymentId);
    if (known === undefined || (known.status === 'not_found' && isMoney)) {
      const status = isMoney ? 'captured' : 'not_found';
      const row = {
        id: paymentId,
        status,
        amount,
        fingerprint: '',
        provider,
        applied: false,
      } as const;
      world.payments.set(paymentId, row);
      if (isMoney) world.refunds.push({ paymentId, amount, status: 'needs_operator' });
    }
    const open = bookings.openRefunds().find((refund) => refund.paymentId === paymentId);
    return { paymentId, refund: open?.status ?? 'none', isHandedOver: open !== undefined };
  }

  const activities = {
    startPayment(payment: CardPayment) {
      if (!insert(payment)) resume(payment);
      return started();
    },
    recordDecline(payment: CardPayment) {
      return recordDecline(payment);
    },
    confirmBooking(payment: CardPayment) {
      return confirm(payment);
    },
    confirmExternallyPaidBooking(payment: ExternalPayment) {
      const id = externalPaymentId(payment);
      const known = world.payments.get(id);
      const isNew = known === undefined || known.status === 'not_found';
      if (world.sold.status !== 'pending' || !isNew) return known?.applied === true;
      const { amount, provider } = payment;
      const row = {
        id,
        amount,
        provider,
        fingerprint: '',
        status: 'captured',
        applied: true,
      } as const;
      world.payments.set(id, row);
      world.sold.status = 'booked';
      world.sold.kept += amount;
      return true;
    },
    *payByCard(payment: CardPayment) {
      if (!insert(payment)) return { status: 'not_started' };
      const begun = started();
      yield;
      const charged: Charged = yield* charge(payment);
      if (charged.status === 'captured')
        return { status: 'settled', result: confirm(payment), started: begun };
      if (charged.status === 'declined')
        return { status: 'settled', result: recordDecline(payment), started: begun };
      return { ...charged, started: begun };
    },
    *chargeCard(payment: CardPayment) {
      return yield* charge(payment);
    },
    *authorizePayment(payment: CardPayment) {
      const { status } = authorize(payment);
      yield;
      const row = world.payments.get(payment.paymentId);
      if (status === 'declined' || status === 'voided') return declined();
      const providerPaymentId = `pi-${payment.paymentId}`;
      if (status === 'requires_action')
        return { status, providerPaymentId, nextAction: { type: 'redirect', url: 'https://bank' } };
      if (row !== undefined && world.isUnderWay(row)) row.status = 'authorized';
      return { status: 'authorized', providerPaymentId };
    },
    *capturePayment(_: string, paymentId: string) {
      const taken = capture(paymentId);
      yield;
      return taken === 'captured' ? { status: taken } : declined();
    },
    *clearForgottenPayments({ paymentId }: CardPayment) {
      const owed: string[] = [];
      for (const { id } of world.paymentsUnderWay())
        if (id !== paymentId && (yield* reverse(id)) === 'owed_back') owed.push(id);
      return owed;
    },
    *reversePayment({ paymentId }: Under) {
      return yield* reverse(paymentId);
    },
    startRefund(paymentId: string, refundId?: string) {
      world.startRefund(paymentId, refundId);
    },
    startRefunds(paymentIds: string[]) {
      for (const paymentId of paymentIds) world.startRefund(paymentId);
    },
    lookUpReportedPayments(payments: ExternalPayment[]) {
      return payments.map(({ provider, providerPaymentId }) => {
        if (provider !== 'sandbox') return { outcome: 'foreign' };
        if (world.charges.has(providerPaymentId.replace('pi-', '')))
          return { outcome: 'own_charge', paymentId: providerPaymentId.replace('pi-', '') };
        if (world.random() < 0.3) return { outcome: 'silent' };
        const taken = world.elsewhere.get(providerPaymentId);
        if (taken === undefined) return { outcome: 'not_found' };
        return { outcome: 'captured', amount: taken.amount, currency: CURRENCY };
      });
    },
    recordUnappliedPayments(unapplied: Unapplied[]) {
      return unapplied.map(record);
    },

    holdChange(change: BookingChange, requestedAt: string) {
      const { changeId } = change;
      const at = Date.parse(requestedAt);
      const known = world.changes.get(changeId);
      if (known === undefined) {
        const { status, pendingChangeId, flights } = world.sold;
        if (pendingChangeId !== undefined) throw refusal('change_in_progress');
        if (status !== 'booked' || at >= world.departsAt) throw refusal('booking_not_changeable');
        const flight = flights[0] === 'A' ? 'B' : 'A';
        if (world.cancelledFlights.has(flight)) throw refusal('flight_closed');
        if (!world.take(flight, 'beside')) throw refusal('seats_unavailable');
        const toPay = Math.floor(world.random() * 3) * 1_000;
        const toRefund = toPay === 0 && world.random() < 0.5 ? 1_500 : 0;
        const paymentRequiredBy = at + 15 * MINUTE_MS;
        world.changes.set(changeId, {
          id: changeId,
          status: 'pending',
          flight,
          toPay,
          toRefund,
          flightChanged: false,
          paymentRequiredBy,
        });
        Object.assign(world.sold, { heldBeside: flight, pendingChangeId: changeId });
      }
      const { status, toPay, paymentRequiredBy } = world.changes.get(changeId) ?? fail();
      return {
        changeId,
        status,
        failure: null,
        customerId: CUSTOMER_ID,
        toPay: { amount: toPay, currency: CURRENCY },
        paymentRequiredBy: new Date(paymentRequiredBy).toISOString(),
      };
    },
    startChangePayment(change: BookingChange, { toPay }: Standing) {
      const paymentId = change.changeId.replace(/^./, 'c');
      const { bookingId, fingerprint, idempotencyKey, paymentMethod = '' } = change;
      const payment: CardPayment = {
        paymentId,
        bookingId,
        fingerprint,
        idempotencyKey,
        paymentMethod,
        customerId: CUSTOMER_ID,
        amount: toPay.amount,
        currency: CURRENCY,
      };
      const card = world.cards.get(change.changeId);
      if (card !== undefined) world.cards.set(paymentId, card);
      if (!world.payments.has(paymentId) && !insert(payment, change.changeId))
        throw refusal('payment_in_progress');
      return { payment, started: started() };
    },
    declineChange({ changeId, fingerprint }: BookingChange, { paymentId }: { paymentId: string }) {
      const row = world.payments.get(paymentId);
      if (row !== undefined && world.isUnderWay(row)) row.status = 'declined';
      endChange(changeId);
      return { outcome: 'declined', fingerprint, detail: 'declined', declineCode: 'card_declined' };
    },
    completeChange(
      { changeId, fingerprint }: BookingChange,
      paid: { paymentId: string } | null,
    ): unknown {
      const change = world.changes.get(changeId) ?? fail();
      if (change.status === 'failed') throw new Fault('the change has failed');
      if (change.status === 'completed') return completed(changeId, fingerprint);
      if (change.flightChanged) throw refusal('quote_expired');
      if (paid === null && change.toPay > 0) throw new Error('Bug: the change is not paid for');
      if (paid !== null) {
        const row = world.payments.get(paid.paymentId) ?? fail();
        if (!world.isUnderWay(row)) throw new Fault('The money of the payment goes back');
        Object.assign(row, { status: 'captured', applied: true });
        world.sold.kept += row.amount;
      }
      const [left, ...others] = world.sold.flights;
      if (left !== undefined) world.giveBack(left, 'own');
      world.keepBeside(change.flight);
      const flights = [change.flight, ...others];
      Object.assign(world.sold, { flights, heldBeside: undefined, pendingChangeId: undefined });
      change.status = 'completed';
      world.settleOffers('changed', 'person');
      bookings.splitRefund(change.toRefund, { refundId: changeId });
      return completed(changeId, fingerprint);
    },
    failChange({ changeId }: { changeId: string }) {
      endChange(changeId);
      return true;
    },
  };
  return { activities, record, reverse };
}

function fail(): never {
  throw new Error('Bug: the change was never begun');
}
