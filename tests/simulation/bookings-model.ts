import type { SaleRefund } from '../../src/activities/sale-refund';
import type { BookingRequest, ReservationResult } from '../../src/temporal/contracts';
import type { StandingOffer } from '../../src/temporal/schedule-change-contracts';
import type { SaleCancellation } from '../../src/temporal/refund-contracts';
import {
  Fault,
  FEE,
  HOUR_MS,
  refusal,
  STARTED_AT,
  WINDOW_MS,
  DEPARTS_AT,
  type World,
} from './world';

/** Some bookings of the flight come before this one. */
const PLACE_MS = 3 * 60_000;

/** What the database does with seats, cancellations, amendments and offers, as a model. */
export function bookingsModel(
  world: World,
  { isRefused }: { isRefused: 'no' | 'bound' | 'passing' },
) {
  const standing = () => ({
    status: world.sold.status,
    cancellationReason: world.sold.reason,
  });

  function held(extra: object): ReservationResult {
    return {
      outcome: 'held',
      fingerprint: 'f',
      booking: world.view(),
      now: standing(),
      paysInOneActivity: true,
      staysOpen: true,
      ...extra,
    };
  }

  function openRefunds() {
    return world.refunds.filter(({ status }) => status !== 'succeeded');
  }

  function splitRefund(amount: number, part: { refundId?: string }) {
    let left = amount;
    const captures = [...world.payments.values()].filter(({ applied }) => applied).reverse();
    for (const { id: paymentId, amount: captured, provider } of captures) {
      const refunded = world.refunds
        .filter((refund) => refund.paymentId === paymentId)
        .reduce((sum, refund) => sum + refund.amount, 0);
      const back = Math.min(left, captured - refunded);
      if (back <= 0) continue;
      left -= back;
      const status = provider === 'sandbox' ? 'pending' : 'needs_operator';
      world.refunds.push({ paymentId, amount: back, status, ...part });
    }
    if (left !== 0) throw new Error('Bug: more is refunded than was paid');
    world.sold.kept -= amount;
  }

  function quote(asOperator: boolean): number {
    const isDisrupted = world.offers.some((one) => one.state !== 'settled' && one.isSignificant);
    return asOperator || isDisrupted ? world.sold.kept : Math.max(0, world.sold.kept - FEE);
  }

  function cancelBooked(
    { asOperator, expectedRefund }: Pick<SaleCancellation, 'asOperator' | 'expectedRefund'>,
    { at, because }: { at: number; because?: 'flight_cancelled' },
  ) {
    const booking = world.sold;
    if (booking.status === 'booked') {
      const isDisrupted = world.offers.some((one) => one.state !== 'settled' && one.isSignificant);
      if (because !== undefined && !isDisrupted) throw new Fault('not disrupted any more');
      if (at >= booking.departsAt && !isDisrupted) throw refusal('booking_not_cancellable');
      const back = because === undefined ? quote(asOperator) : booking.kept;
      if (expectedRefund !== undefined && expectedRefund.amount !== back)
        throw refusal('quote_changed');
      if (booking.pendingChangeId !== undefined) throw refusal('change_in_progress');
      booking.status = 'cancelled';
      booking.reason = because ?? (asOperator ? 'operator_request' : 'customer_request');
      booking.endedAt = world.now;
      world.giveBack(booking.flightId);
      world.settleOffers('cancelled', because === undefined ? 'person' : 'system');
      splitRefund(back, {});
    }
    const [refundOf = null, ...moreRefundsOf] = openRefunds()
      .filter(
        ({ refundId, paymentId }) =>
          refundId === undefined && world.payments.get(paymentId)?.applied === true,
      )
      .map(({ paymentId }) => paymentId);
    return {
      booking: world.view(),
      refundOf,
      ...(moreRefundsOf.length === 0 ? {} : { moreRefundsOf }),
      isRefundedAtOnce: true,
    };
  }

  /** Each provider is asked once. What that does not settle is handed over. */
  function* refundSale(paymentIds: readonly string[]): Generator<void, SaleRefund> {
    const payments: SaleRefund['payments'] = [];
    for (const paymentId of paymentIds) {
      yield;
      const refund = openRefunds().find((one) => one.paymentId === paymentId && !one.refundId);
      const isSettled = refund?.status === 'pending' && world.random() < 0.6;
      if (isSettled) world.sendBack(refund);
      else world.handedOver.add(paymentId);
      payments.push({ paymentId, status: isSettled ? 'succeeded' : 'pending' });
    }
    return { payments, isOpen: openRefunds().length > 0 };
  }

  type Told =
    | { kind: 'settled'; booking: ReturnType<World['view']> }
    | { kind: 'unpaid' }
    | { kind: 'offered'; booking: ReturnType<World['view']>; offer: StandingOffer };

  function makeOffer(at: number): Told {
    const open = world.offers.filter(({ state }) => state !== 'settled').reverse();
    const [latest, ...earlier] = open;
    const settled = (): Told => ({ kind: 'settled', booking: world.view() });
    if (latest === undefined) return settled();
    const { status, departsAt } = world.sold;
    if (status === 'initiated' || status === 'pending') return { kind: 'unpaid' };
    if (status === 'cancelled') {
      world.settleOffers('cancelled', 'system');
      return settled();
    }
    for (const one of earlier)
      Object.assign(one, { state: 'settled', outcome: 'superseded', decidedBy: 'system' });
    if (latest.state === 'untold' || earlier.length > 0) {
      latest.state = 'waiting';
      latest.respondBy = Math.max(at, Math.min(at + 3 * HOUR_MS, departsAt - 3 * HOUR_MS));
    }
    const respondBy = new Date(latest.respondBy ?? at).toISOString();
    const { id: scheduleChangeId, isSignificant } = latest;
    const closesAt = new Date(Date.parse(respondBy) + PLACE_MS).toISOString();
    return {
      kind: 'offered',
      booking: world.view(),
      offer: { scheduleChangeId, respondBy, isSignificant, closesAt },
    };
  }

  function acceptOffer(by: unknown, scheduleChangeId: string | undefined, at: number) {
    const latest = world.offers.at(-1);
    if (latest === undefined) throw refusal('schedule_change_not_found');
    const decidedBy = by === null ? 'system' : 'person';
    const closed = refusal('schedule_change_closed');
    if ((scheduleChangeId ?? latest.id) !== latest.id) throw closed;
    if (latest.outcome === 'accepted' && latest.decidedBy === decidedBy) return world.view();
    if (latest.state !== 'waiting' || latest.respondBy === undefined || latest.isCancelled)
      throw closed;
    if (by !== null && at >= latest.respondBy) throw closed;
    Object.assign(latest, { state: 'settled', outcome: 'accepted', decidedBy });
    return world.view();
  }

  /** What follows when nobody has responded, or had followed before. */
  function close(at: number) {
    const told = makeOffer(at);
    const cancellation = { asOperator: false } as const;
    if (told.kind === 'settled' && told.booking.status === 'cancelled')
      return { kind: 'cancelled', sale: cancelBooked(cancellation, { at }) } as const;
    if (told.kind !== 'offered' || Date.parse(told.offer.respondBy) > at) return told;
    const { scheduleChangeId, isSignificant, respondBy } = told.offer;
    if (!isSignificant)
      return { kind: 'accepted', booking: acceptOffer(null, scheduleChangeId, at) } as const;
    const terms = { at: Date.parse(respondBy), because: 'flight_cancelled' } as const;
    return { kind: 'cancelled', sale: cancelBooked(cancellation, terms) } as const;
  }

  return {
    splitRefund,
    openRefunds,
    activities: {
      reserveSeats(_: BookingRequest, { heldAt }: { heldAt: string }): ReservationResult {
        if (world.booking !== undefined) {
          if (world.booking.status === 'cancelled' && world.booking.reason === 'seats_unavailable')
            return {
              outcome: 'refused',
              fingerprint: 'f',
              code: 'seats_unavailable',
              detail: 'none',
            };
          return held({});
        }
        if (isRefused === 'passing') {
          const retryAt = new Date(world.now + HOUR_MS).toISOString();
          return {
            outcome: 'refused',
            fingerprint: 'f',
            code: 'too_many_holds',
            detail: 'd',
            retryAt,
          };
        }
        const isHeld = isRefused === 'no' && world.take('A');
        world.booking = {
          status: isHeld ? 'pending' : 'cancelled',
          reason: isHeld ? null : 'seats_unavailable',
          paymentRequiredBy: Date.parse(heldAt) + WINDOW_MS,
          flightId: 'A',
          departsAt: DEPARTS_AT,
          kept: 0,
          heldBeside: undefined,
          pendingChangeId: undefined,
        };
        if (isHeld) return held({});
        return { outcome: 'refused', fingerprint: 'f', code: 'seats_unavailable', detail: 'none' };
      },

      restoreBooking(): ReservationResult {
        const { pendingChangeId: changeId } = world.sold;
        const charge = world.paymentsUnderWay().find((one) => one.changeId === changeId);
        const { id: paymentId, amount } = charge ?? { id: '', amount: 0 };
        const under = {
          charge: { paymentId, bookingId: world.view().id, amount, currency: 'USD' },
        };
        return held({
          openRefunds: openRefunds().map(({ paymentId: of, refundId }) => ({
            paymentId: of,
            ...(refundId === undefined ? {} : { refundId }),
          })),
          ...(changeId === undefined
            ? {}
            : { unfinishedChange: { changeId, fingerprint: 'f', ...(charge ? under : {}) } }),
          ...(world.offers.some(({ state }) => state !== 'settled')
            ? { hasScheduleChange: true }
            : {}),
        });
      },

      releaseSeats(_: BookingRequest, { reason }: { reason: never }) {
        world.booking ??= {
          status: 'initiated',
          reason: null,
          paymentRequiredBy: STARTED_AT,
          flightId: 'none',
          departsAt: DEPARTS_AT,
          kept: 0,
          heldBeside: undefined,
          pendingChangeId: undefined,
        };
        const { booking } = world;
        if (booking.status === 'initiated' || booking.status === 'pending') {
          if (booking.status === 'pending') world.giveBack(booking.flightId);
          Object.assign(booking, { status: 'cancelled', reason, endedAt: world.now });
          world.settleOffers('cancelled', 'person');
        }
        return { ...world.view(), payment: world.paymentsUnderWay()[0] ?? null };
      },

      cancelSale(cancellation: SaleCancellation, requestedAt: string) {
        return cancelBooked(cancellation, { at: Date.parse(requestedAt) });
      },

      tellOfScheduleChange(_: string, now: string) {
        return makeOffer(Date.parse(now));
      },

      acceptScheduleChange(
        _: string,
        { by, scheduleChangeId, now }: { by: unknown; scheduleChangeId?: string; now: string },
      ) {
        return acceptOffer(by, scheduleChangeId, Date.parse(now));
      },

      *refundSale(_: string, paymentIds: readonly string[]) {
        return yield* refundSale(paymentIds);
      },

      *concludeScheduleChange(_: string, now: string) {
        const closed = close(Date.parse(now));
        if (closed.kind !== 'cancelled') return closed;
        yield;
        const { refundOf, moreRefundsOf = [] } = closed.sale;
        const owed = refundOf === null ? [] : [refundOf, ...moreRefundsOf];
        return { ...closed, refund: yield* refundSale(owed) };
      },

      correctName(_: string, { fingerprint }: { fingerprint: string }) {
        if (world.sold.status === 'cancelled') throw refusal('name_change_refused');
        if (world.random() < 0.2 && !world.amendments.has(fingerprint))
          throw refusal('name_change_refused');
        world.amendments.add(fingerprint);
        return world.view();
      },

      leaveRefundToOperator(paymentId: string) {
        if (!world.refunds.some((refund) => refund.paymentId === paymentId)) {
          const amount = world.payments.get(paymentId)?.amount ?? 0;
          world.refunds.push({ paymentId, amount, status: 'needs_operator' });
        }
      },

      notePaymentRetry() {
        // Who and why is of no consequence here.
      },

      awaitRefunds() {
        if (openRefunds().length > 0) throw new Fault('refund_open');
      },
    },
  };
}
