import type { Agenda } from './agenda';
import type { Sent } from './plan';
import type { SimulatedTemporal } from './temporal';
import {
  BOOKING_ID,
  CURRENCY,
  CUSTOMER_ID,
  DEPARTS_AT,
  flightIdOf,
  HOUR_MS,
  MINUTE_MS,
  PRICE,
  type World,
} from './world';

/** The input of a run that takes up a sold booking again. */
export const RESTORED = { bookingId: BOOKING_ID, customerId: CUSTOMER_ID, restored: true };

/** Has happen what a plan lists: messages to workflows, and what befalls the world. */
export function send(
  { temporal, agenda, world }: { temporal: SimulatedTemporal; agenda: Agenda; world: World },
  sent: Sent,
  index: number,
): void {
  const id = `0000000${index}-0000-4000-8000-000000000000`;
  const booking = temporal.running(`booking-${BOOKING_ID}`);
  const byCustomer = { requestedBy: CUSTOMER_ID, asOperator: false };
  switch (sent.kind) {
    case 'pay': {
      world.cards.set(id, sent.card);
      const amount = sent.isRightAmount ? PRICE : PRICE + 1;
      booking?.update(`payment-${id}`, 'makePayment', {
        paymentId: id,
        customerId: CUSTOMER_ID,
        idempotencyKey: id,
        fingerprint: 'f',
        amount,
        currency: CURRENCY,
        paymentMethod: sent.card,
      });
      return;
    }
    case 'cancel': {
      const asOperator = sent.by === 'operator';
      const requestedBy = sent.by === 'owner' ? CUSTOMER_ID : sent.by;
      const amount = sent.expects === 'zero' ? 0 : PRICE - 2_000;
      booking?.update(`cancel-${id}`, 'cancelBooking', {
        requestedBy,
        asOperator,
        ...(asOperator ? { note: 'why' } : {}),
        ...(sent.expects === 'nothing' ? {} : { expectedRefund: { amount, currency: CURRENCY } }),
      });
      return;
    }
    case 'change':
      if (sent.card !== 'none') world.cards.set(id, sent.card);
      booking?.update(`change-${id}`, 'changeBooking', {
        changeId: id,
        quoteId: id,
        ...byCustomer,
        idempotencyKey: id,
        fingerprint: 'f',
        ...(sent.card === 'none' ? {} : { paymentMethod: sent.card }),
      });
      return;
    case 'report': {
      if (booking === undefined) return;
      const { provider, payment } = sent;
      const providerPaymentId = `${provider}-${payment}`;
      const known = world.elsewhere.get(providerPaymentId);
      const amount = known?.amount ?? (sent.isRightAmount ? PRICE : PRICE - 1);
      world.elsewhere.set(providerPaymentId, known ?? { amount, returned: 0 });
      booking.signal('paymentReceived', {
        amount,
        currency: CURRENCY,
        provider,
        providerPaymentId,
      });
      return;
    }
    case 'disrupt': {
      const departsAt = DEPARTS_AT + (sent.isSignificant ? 4 * HOUR_MS : MINUTE_MS);
      const order = {
        scheduleChangeId: id,
        flightId: flightIdOf(sent.flight),
        reason: 'fog',
        requestedBy: 'op',
        fingerprint: 'f',
        ...(sent.isCancelled
          ? { kind: 'cancelled' }
          : {
              kind: 'moved',
              departureAt: new Date(departsAt).toISOString(),
              arrivalAt: new Date(departsAt + HOUR_MS).toISOString(),
            }),
      };
      temporal
        .startOrJoin('scheduleChangeWorkflow', `schedule-change-${id}`, order)
        .update(`await-${id}`, 'awaitScheduleChange', undefined);
      if (sent.acceptedBy !== 'nobody') {
        const by = sent.acceptedBy;
        agenda.at(world.now + 2 * MINUTE_MS, () => {
          accept(temporal, { id, by });
        });
      }
      return;
    }
    case 'accept':
      accept(temporal, { id, by: sent.by });
      return;
    case 'correct_name':
      booking?.update(`name-${id}`, 'correctName', {
        passengerId: id,
        ...byCustomer,
        fingerprint: id,
        familyName: 'Byron',
      });
      return;
    case 'choose_seat': {
      const { flight, seatNumber } = sent;
      const seats = [{ passengerId: id, flightId: flightIdOf(flight), seatNumber }];
      booking?.update(`seats-${id}`, 'chooseSeats', { ...byCustomer, fingerprint: id, seats });
      return;
    }
    case 'provider_event':
      booking?.signal('paymentUpdated');
      return;
    case 'retry':
      booking?.update(`retry-${id}`, 'retryPayment', { requestedBy: 'operator', note: 'why' });
      return;
    case 'temporal_cancel':
      booking?.cancel();
      return;
    case 'rival':
      world.take(sent.flight, 'rival');
      return;
    case 'rival_leaves':
      world.giveBack(sent.flight, 'rival');
      return;
    case 'provider_away':
      world.providerAwayUntil = world.now + sent.minutes * MINUTE_MS;
      return;
    case 'terminate':
      // Only the workflow of a sold booking is taken up again.
      if (booking === undefined || world.booking?.status !== 'booked') return;
      booking.terminate();
      agenda.at(world.now + (sent.isRestoredAtOnce === true ? 0 : MINUTE_MS), () => {
        temporal.startOrJoin('bookingWorkflow', `booking-${BOOKING_ID}`, RESTORED);
      });
      return;
    default:
      throw new Error(`Bug: ${String(sent satisfies never)} can't be sent`);
  }
}

function accept(
  temporal: SimulatedTemporal,
  { id, by }: { id: string; by: 'owner' | 'operator' },
): void {
  const asOperator = by === 'operator';
  const requestedBy = asOperator ? 'operator' : CUSTOMER_ID;
  const booking = temporal.running(`booking-${BOOKING_ID}`);
  booking?.update(`accept-${id}`, 'acceptScheduleChange', { requestedBy, asOperator });
}
