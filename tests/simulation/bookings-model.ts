import type { BookingRequest, ReservationResult } from '../../src/temporal/contracts/booking';
import type { StandingOffer } from '../../src/temporal/contracts/schedule-change';
import type { SaleCancellation } from '../../src/temporal/contracts/cancellation';
import {
  Fault,
  FEE,
  flightOf,
  HOUR_MS,
  refusal,
  STARTED_AT,
  WINDOW_MS,
  type Flight,
  type RefundRow,
  type World,
} from './world';

/** The outcome of silence may wait for those of other bookings of the flight. */
const PLACE_MS = 3 * 60_000;

/** The flights of a booking of one, and of several. */
const FLIGHTS_OF: Record<1 | 2, readonly Flight[]> = { 1: ['A'], 2: ['A', 'C'] };

interface SeatMove {
  flightId: string;
  seatNumber: string;
}

/** What the database does with seats, cancellations, amendments and offers, as a model. */
export function bookingsModel(
  world: World,
  { isRefused, flights }: { isRefused: 'no' | 'bound' | 'passing'; flights: 1 | 2 },
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
      looksAtClockAgain: true,
      paysInOneActivity: true,
      staysOpen: true,
      ...extra,
    };
  }

  function openRefunds() {
    return world.refunds.filter(({ status }) => status !== 'succeeded');
  }

  function splitRefund(amount: number, part: Pick<RefundRow, 'refundId' | 'owedAt'>) {
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
      if (at >= world.departsAt && !isDisrupted) throw refusal('booking_not_cancellable');
      const back = because === undefined ? quote(asOperator) : booking.kept;
      if (expectedRefund !== undefined && expectedRefund.amount !== back)
        throw refusal('quote_changed');
      if (booking.pendingChangeId !== undefined) throw refusal('change_in_progress');
      booking.status = 'cancelled';
      booking.reason = because ?? (asOperator ? 'operator_request' : 'customer_request');
      booking.endedAt = world.now;
      for (const flight of booking.flights) world.giveBack(flight, 'own');
      world.settleOffers('cancelled', because === undefined ? 'person' : 'system');
      splitRefund(back, { owedAt: world.now });
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
  function* refundAtOnce(paymentIds: readonly string[]) {
    const payments: { paymentId: string; status: 'succeeded' | 'pending' }[] = [];
    for (const paymentId of paymentIds) {
      yield;
      const refund = openRefunds().find((one) => one.paymentId === paymentId && !one.refundId);
      if (refund !== undefined) refund.takenUpAt ??= world.now;
      const isAway = world.now < world.providerAwayUntil || world.random() < 0.4;
      if (refund?.status === 'pending' && !isAway) {
        world.sendBack(refund);
        refund.status = 'succeeded';
      } else world.startRefund(paymentId);
      payments.push({
        paymentId,
        status: refund?.status === 'succeeded' ? 'succeeded' : 'pending',
      });
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
    const { status } = world.sold;
    if (status === 'initiated' || status === 'pending') return { kind: 'unpaid' };
    if (status === 'cancelled') {
      world.settleOffers('cancelled', 'system');
      return settled();
    }
    for (const one of earlier)
      Object.assign(one, { state: 'settled', outcome: 'superseded', decidedBy: 'system' });
    if (latest.state === 'untold' || earlier.length > 0) {
      latest.state = 'waiting';
      latest.respondBy = Math.max(at, Math.min(at + 3 * HOUR_MS, world.departsAt - 3 * HOUR_MS));
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

  /** What follows when nobody has responded in time. */
  function close(at: number) {
    const told = makeOffer(at);
    if (told.kind !== 'offered' || Date.parse(told.offer.respondBy) > at) return told;
    const { scheduleChangeId, isSignificant, respondBy } = told.offer;
    if (!isSignificant)
      return { kind: 'accepted', booking: acceptOffer(null, scheduleChangeId, at) } as const;
    const terms = { at: Date.parse(respondBy), because: 'flight_cancelled' } as const;
    return { kind: 'cancelled', sale: cancelBooked({ asOperator: false }, terms) } as const;
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
        const wanted = FLIGHTS_OF[flights];
        const isSold = isRefused !== 'no' || !wanted.every((flight) => world.take(flight, 'own'));
        const isHeld = !isSold && !wanted.some((flight) => world.cancelledFlights.has(flight));
        if (!isHeld) for (const flight of wanted) world.giveBack(flight, 'own');
        world.booking = {
          status: isHeld ? 'pending' : 'cancelled',
          reason: isHeld ? null : 'seats_unavailable',
          paymentRequiredBy: Date.parse(heldAt) + WINDOW_MS,
          flights: [...wanted],
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
        const change = changeId === undefined ? undefined : world.changes.get(changeId);
        const wasCharged = [...world.payments.values()].some((one) => one.changeId === changeId);
        const completable =
          change === undefined || (wasCharged && charge === undefined)
            ? {}
            : { completableUntil: new Date(change.paymentRequiredBy).toISOString() };
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
            : {
                unfinishedChange: {
                  changeId,
                  fingerprint: 'f',
                  ...completable,
                  ...(charge ? under : {}),
                },
              }),
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
          flights: [],
          kept: 0,
          heldBeside: undefined,
          pendingChangeId: undefined,
        };
        const { booking } = world;
        if (booking.status === 'initiated' || booking.status === 'pending') {
          for (const flight of booking.flights) world.giveBack(flight, 'own');
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

      closeScheduleChange(_: string, now: string) {
        return close(Date.parse(now));
      },

      *refundSale(_: string, paymentIds: readonly string[]) {
        return yield* refundAtOnce(paymentIds);
      },

      *concludeScheduleChange(_: string, now: string) {
        const at = Date.parse(now);
        const closed = close(at);
        const isCancelled = closed.kind === 'settled' && closed.booking.status === 'cancelled';
        const sale = isCancelled ? cancelBooked({ asOperator: false }, { at }) : undefined;
        const ended = closed.kind === 'cancelled' ? closed.sale : sale;
        if (ended === undefined) return closed;
        yield;
        const { refundOf, moreRefundsOf = [] } = ended;
        const owed = refundOf === null ? [] : [refundOf, ...moreRefundsOf];
        return { kind: 'cancelled', sale: ended, refund: yield* refundAtOnce(owed) };
      },

      chooseSeats(
        _: string,
        { fingerprint, seats: [wanted] }: { fingerprint: string; seats: [SeatMove] },
      ) {
        const { status, flights: flown } = world.sold;
        const flight = flightOf(wanted.flightId);
        if (status !== 'pending' && status !== 'booked') throw refusal('booking_not_changeable');
        if (!flown.includes(flight)) throw refusal('flight_not_found');
        if (world.cancelledFlights.has(flight)) throw refusal('flight_closed');
        const seat = `${flight} ${wanted.seatNumber}`;
        const owner = world.seats.get(seat);
        if (owner !== undefined && owner !== 'own') throw refusal('seats_unavailable');
        world.giveBack(flight, 'own');
        world.seats.set(seat, 'own');
        world.amendments.add(fingerprint);
        return world.view();
      },

      correctName(_: string, { fingerprint }: { fingerprint: string }) {
        if (world.sold.status === 'cancelled') throw refusal('name_change_refused');
        if (world.random() < 0.2 && !world.amendments.has(fingerprint))
          throw refusal('name_change_refused');
        world.amendments.add(fingerprint);
        return world.view();
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
