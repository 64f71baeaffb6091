import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  patched,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import {
  canBecome,
  type Booking,
  type BookingStatus,
  type CancellationReason,
} from '../../domain/booking';
import { proposeReference } from '../../domain/booking-reference';
import { isSettled } from '../../domain/booking-status';
import type { SaleRefund } from '../../activities/sale-refund';
import { describeDecline } from '../../domain/decline';
import { formatToTheSecond } from '../../domain/instant-text';
import {
  describeFlights,
  describeWay,
  flightNumbersOf,
  lastDepartureOf,
  slicesOf,
} from '../../domain/itinerary';
import type { Money } from '../../domain/money';
import type { NextAction } from '../../domain/payment';
import type { RefusalCode } from '../../domain/refusal';
import type {
  BookingOutcome,
  BookingRequest,
  BookingState,
  DeclinedPayment,
  PaymentResult,
  ReservationResult,
  RefundToStart,
  RestoredBooking,
  UnfinishedChange,
} from '../../temporal/contracts/booking';
import type { DecidedChange } from '../../temporal/contracts/change';
import { flightNumberAttributes } from '../../temporal/contracts/flight-numbers';
import type { Retry } from '../../temporal/contracts/retries';
import { refundWorkflowId } from '../../temporal/contracts/refund';
import type { StandingOffer } from '../../temporal/contracts/schedule-change';
import {
  BookingReferenceAttribute,
  BookingStatusAttribute,
  DepartureTimeAttribute,
  PaymentDeadlineAttribute,
  ScheduleChangeIdAttribute,
} from '../../temporal/contracts/search-attributes';
import { isRestored } from '../messages/shapes';
import { SettledOnce } from '../shared/settled-once';
import { Timeline } from '../shared/timeline';
import type { Amendment } from './amendment';
import type { CardAttempt } from './card-attempt';
import type { ChangeAttempt } from './change-attempt';
import { ExternalPaymentQueue, type ExternalAttempt } from './external-payments/queue';
import { ScheduleChanges, type Acceptance } from './schedule-changes';

/** The mark of a booking that had a declined card. */
const CARD_DECLINED = 'card-declined';

/** The mark of a booking that waits for a task of its own before it counts down again. */
const COUNTS_DOWN_BY_A_RIGHT_CLOCK = 'counts-down-by-a-right-clock';

/** The mark of a booking whose wait was ended too soon, and that has waited for the rest. */
const WAITS_OUT_ITS_TIME = 'waits-out-its-time';

/** The mark of a booking that begins anew when it is refused for a change it has never heard of. */
const LEARNS_OF_CHANGES = 'learns-of-changes';

/** Longer than it takes until Temporal has a task, or has another worker do it. */
const LOOKS_AGAIN_BEFORE_MS = 10_000;

const PAID_BY_THEN = 'The booking must be paid for by then';
const PAID_SOON_AFTER = `${PAID_BY_THEN}, or ten seconds later: the clock is looked at again`;

/** What the booking does next. */
export type Decision =
  | { kind: 'pay'; attempt: CardAttempt }
  | { kind: 'external_payment'; attempt: ExternalAttempt }
  | ChangeFlights
  | AmendBooking
  | Cancel;

/** Exchange flights of a sold booking. */
export interface ChangeFlights {
  kind: 'change';
  attempt: ChangeAttempt;
}

/** Correct a name, or move passengers to other seats. */
export interface AmendBooking {
  kind: 'amend';
  amendment: Amendment;
}

export interface Cancel {
  kind: 'cancel';
  reason: CancellationReason;
  actor: string;
  /** The reason, in words that the booking's owner may read. */
  said?: string;
  /** The operator's reason, for other operators. */
  note?: string;
  /** The expected refund of a booking that is paid for. */
  expectedRefund?: Money;
}

/** What a sold booking does next. */
export type AfterSale =
  | Cancel
  | ChangeFlights
  | AmendBooking
  | Acceptance
  | 'schedule_changed'
  | 'respond_by'
  | 'departed'
  | 'begins_anew';

/**
 * The state of one booking, and the only place that decides what it does next.
 *
 * There is one decision at a time. The first message or deadline that is handled sets it,
 * synchronously. Later ones are refused, or wait until it has failed.
 */
export class BookingStateMachine {
  status: BookingStatus = 'initiated';
  reservation: ReservationResult | undefined;
  /** Set with {@link reservation}, for messages that wait for it. */
  readonly reserved = new SettledOnce<ReservationResult>();
  decision: Decision | undefined;
  declines = 0;
  /** The provider has sent an event about the payment under way. */
  hasProviderEvent = false;
  cancelled: Booking | undefined;
  /** Whether a refund may be open once the booking is cancelled. */
  hasOpenRefunds = true;
  /** Nothing is taken any more: the workflow ends. */
  isEnding = false;
  /** The database has something that this run has never heard of. */
  isBehind = false;
  readonly timeline = new Timeline();
  /** External payments that workflows of an earlier version handle one by one. */
  readonly reportsOneByOne: ExternalAttempt[] = [];
  /** External payments that are handled in batches. */
  readonly external = new ExternalPaymentQueue(this);
  readonly scheduleChanges = new ScheduleChanges();
  /**
   * Decisions that came while a payment was being made. The first is taken if the payment fails.
   */
  private readonly waiting: Decision[] = [];
  /** Cancellations that a rule has refused: the booking stays sold. */
  private readonly refused = new Map<Cancel, ApplicationFailure>();
  private localActivities = 0;
  /** Whether the clock is right: see {@link isClockBehind}. */
  private clock: 'right' | 'unknown' | 'behind' = 'right';

  constructor(readonly request: BookingRequest | RestoredBooking) {}

  /** The request for seats. A booking that is restored after its sale asks for none. */
  get reservationRequest(): BookingRequest {
    if (isRestored(this.request)) throw new Error('Bug: a restored booking reserves nothing');
    return this.request;
  }

  /**
   * Awaits a local activity. Handlers that resume meanwhile wait until it has ended, see
   * `isInLocalActivity`.
   */
  async locally<Result>(activity: Promise<Result>): Promise<Result> {
    this.localActivities += 1;
    try {
      return await activity;
    } finally {
      this.localActivities -= 1;
      if (this.clock === 'right') this.clock = 'unknown';
    }
  }

  /**
   * Whether a local activity runs. A slow one outlasts its workflow task, and other activities or
   * timers may complete before it. A replay gets its result before theirs, so what they bring may
   * take effect only once it has ended.
   */
  get isInLocalActivity(): boolean {
    return this.localActivities > 0;
  }

  /** Whether it is neither sold nor cancelled. */
  get isOpen(): boolean {
    return !isSettled(this.status);
  }

  /** Whether a person has asked a sold booking for something that was not begun yet. */
  get isAsked(): boolean {
    return this.decision !== undefined || this.scheduleChanges.acceptances.length > 0;
  }

  /** The booking as it was when its seats were held, or as it was changed since. */
  get hold(): Booking {
    if (this.reservation?.outcome !== 'held') throw new Error('Bug: there is no hold');
    return this.reservation.booking;
  }

  /** Whether a card payment may be one activity: see `ReservationResult`. */
  get paysInOneActivity(): boolean {
    return this.reservation?.outcome === 'held' && this.reservation.paysInOneActivity === true;
  }

  /** Whether the deadline is waited for in two steps: see `ReservationResult`. */
  private get looksAtClockAgain(): boolean {
    return this.reservation?.outcome === 'held' && this.reservation.looksAtClockAgain === true;
  }

  /** Whether the workflow goes on after the sale: see `ReservationResult`. */
  get staysOpen(): boolean {
    return this.reservation?.outcome === 'held' && this.reservation.staysOpen === true;
  }

  /** The change of a restored booking that its last run left unfinished. */
  get unfinishedChange(): UnfinishedChange | undefined {
    return this.reservation?.outcome === 'held' ? this.reservation.unfinishedChange : undefined;
  }

  /** Takes over what became of the money of a cancelled sale. */
  noteRefunds({ payments, isOpen }: SaleRefund): void {
    this.hasOpenRefunds = isOpen;
    for (const { paymentId, status } of payments) {
      if (status === 'succeeded') this.timeline.note('The money was refunded.');
      if (status === 'pending' || status === 'needs_operator')
        this.timeline.note(
          `The refund goes on: see the workflow \`${refundWorkflowId(paymentId)}\`.`,
        );
    }
  }

  /** Notes that the change which the last run left unfinished is dealt with. */
  endUnfinishedChange(): void {
    if (this.reservation?.outcome !== 'held') throw new Error('Bug: there is no hold');
    const { unfinishedChange: _, ...reservation } = this.reservation;
    this.reservation = reservation;
  }

  /** Whether a change of the sold booking is being made, or undone. */
  get isChanging(): boolean {
    return this.business?.kind === 'change' || this.unfinishedChange !== undefined;
  }

  /** The refunds of a restored booking that are open. */
  get openRefunds(): readonly RefundToStart[] {
    if (this.reservation?.outcome !== 'held') return [];
    const { openRefunds = [], refundOf } = this.reservation;
    return refundOf === undefined ? openRefunds : [{ paymentId: refundOf }];
  }

  /**
   * A refusal that is neither bound to a key nor in the database. Its run fails, so that Temporal
   * lets another run start.
   */
  get passingRefusal(): { code: RefusalCode; detail: string } | undefined {
    const { reservation } = this;
    if (reservation?.outcome !== 'refused') return undefined;
    return reservation.retryAt === undefined ? undefined : reservation;
  }

  get isPastDeadline(): boolean {
    return Date.now() >= this.deadline;
  }

  private get deadline(): number {
    return Date.parse(this.hold.paymentRequiredBy ?? '');
  }

  /** Sets the outcome of the reservation, which pending messages wait for. */
  announce(reservation: ReservationResult): void {
    this.reservation = reservation;
    this.reserved.set(reservation);
    if (reservation.outcome !== 'held') {
      this.become('cancelled');
      return;
    }
    const { booking, now } = reservation;
    if (reservation.wasRetried === true) this.clock = 'behind';
    this.status = now.status;
    if (isRestored(this.request) && now.status === 'cancelled') this.cancelled = booking;
    // A run that continued another one has no description.
    if (isRestored(this.request)) this.headWithFlights(booking);
    if (reservation.hasScheduleChange === true) this.scheduleChanges.isDue = true;
    upsertSearchAttributes([
      { key: BookingStatusAttribute, value: now.status },
      { key: BookingReferenceAttribute, value: booking.reference },
      { key: PaymentDeadlineAttribute, value: this.isOpen ? new Date(this.deadline) : null },
    ]);
    if (this.isOpen) {
      const until = formatToTheSecond(booking.paymentRequiredBy ?? '');
      this.timeline.note(
        `Seats are held until \`${until}\`. Waiting for a payment. To cancel, send \`cancelBooking\` with a reason.`,
      );
    } else if (this.staysOpen && this.status === 'booked') this.noteOpenUntilDeparture();
  }

  /** Makes the decision, unless another one stands: then this one waits until that has failed. */
  decide(decision: Decision): void {
    if (this.decision === undefined) this.decision = decision;
    else this.waiting.push(decision);
  }

  /**
   * What the booking does or does next, apart from amendments: these are done in a moment, and what
   * comes meanwhile waits.
   */
  get business(): Exclude<Decision, AmendBooking> | undefined {
    return [this.decision, ...this.waiting].find(isBusiness);
  }

  /** A cancellation that came while a payment was being made, which ends first. */
  get lateCancellation(): Cancel | undefined {
    return this.waiting.find((decision) => decision.kind === 'cancel');
  }

  /**
   * Waits for the next decision, or a schedule change that has to be read. If neither has come by
   * the deadline, the decision is to cancel.
   */
  async nextDecision(): Promise<Decision | 'schedule_changed'> {
    const isDecided = () => this.decision !== undefined || this.scheduleChanges.isDue;
    if (!isDecided()) {
      const mustWait = this.isClockBehind();
      this.clock = 'right';
      // Without an `await` where it is right, which would reorder old histories.
      if (mustWait) await sleep(1);
    }
    // A timer counts from when Temporal has the task that starts it, which may be seconds after the
    // time of that task: then it ends as late. So the clock is looked at again before the deadline.
    const early = this.deadline - Date.now() - LOOKS_AGAIN_BEFORE_MS;
    if (this.looksAtClockAgain && !isDecided() && early > LOOKS_AGAIN_BEFORE_MS)
      await condition(isDecided, early, { summary: PAID_SOON_AFTER });
    const leftMs = () => this.deadline - Date.now();
    const payment = () => condition(isDecided, leftMs(), { summary: PAID_BY_THEN });
    if (!isDecided() && leftMs() > 0) await payment();
    while (endedTooSoon(isDecided, leftMs)) await payment();
    // The result of `condition` is not used: a message may have been handled in the same activation
    // as the timer.
    if (this.decision === undefined && this.scheduleChanges.isDue) return 'schedule_changed';
    this.decision ??= { kind: 'cancel', reason: 'payment_expired', actor: 'system' };
    return this.decision;
  }

  /**
   * Whether the clock may be behind, until the next workflow task. The clock of a task stands still,
   * but for the last try of each local activity: tries that failed before are missing, up to four
   * fifths of the task's timeout. What is counted down from there ends as late.
   */
  private isClockBehind(): boolean {
    const { clock } = this;
    return clock === 'behind' || (clock === 'unknown' && patched(COUNTS_DOWN_BY_A_RIGHT_CLOCK));
  }

  /**
   * Waits for what comes next for a sold booking, until its last flight has left.
   *
   * A long history makes each later task slower. Such a workflow begins anew where nothing waits
   * for it; so does one that is behind the database.
   */
  async nextAfterSale(): Promise<AfterSale> {
    const beginsAnew = () =>
      (this.isBehind || workflowInfo().continueAsNewSuggested) && allHandlersFinished();
    const { scheduleChanges: changes } = this;
    const departsAt = lastDepartureOf(this.hold).getTime();
    const { closesAt } = changes;
    const isNext = () => this.isAsked || changes.isDue;
    // An offer's outcome may be due a little after the departure that it had to be decided by.
    const leftMs = () => (changes.offer === undefined ? departsAt : closesAt) - Date.now();
    const isOver = () => isNext() || beginsAnew();
    const summary =
      changes.offer !== undefined
        ? 'The customer may respond to the schedule change until about then'
        : 'The last flight leaves then, and the booking is over';
    const next = () => condition(isOver, leftMs(), { summary });
    if (!isNext() && leftMs() > 0) await next();
    while (endedTooSoon(isOver, leftMs)) await next();
    if (changes.isDue) return 'schedule_changed';
    if (this.decision !== undefined) return ofSoldBooking(this.decision);
    const acceptance = changes.acceptances.shift();
    if (acceptance !== undefined) return acceptance;
    // The offer can't be closed before.
    if (this.isBehind && allHandlersFinished() && patched(LEARNS_OF_CHANGES)) return 'begins_anew';
    if (Date.now() >= closesAt) return 'respond_by';
    return beginsAnew() ? 'begins_anew' : 'departed';
  }

  /**
   * Takes in why a step was refused; returns whether the workflow begins anew for it. Changes are made
   * one at a time: this run has never heard of one that is in progress then, since Temporal has lost the
   * request after it took effect. A run that begins anew finds it, and ends it.
   */
  learnFrom({ type }: ApplicationFailure): boolean {
    const isUnknownChange = type === ('change_in_progress' satisfies RefusalCode);
    if (!isUnknownChange || !patched(LEARNS_OF_CHANGES)) return false;
    this.isBehind = true;
    return true;
  }

  /** Waits for an event of the payment of a change, for at most so long. */
  async nextEventOfChange(atMostMs: number): Promise<void> {
    const summary = 'The provider is asked again at this time';
    await condition(() => this.hasProviderEvent, Math.max(atMostMs, 1), { summary });
  }

  /** Ends a change that was completed, or declined. What waited comes next. */
  endChange(attempt: ChangeAttempt, result: DecidedChange): void {
    attempt.end(result);
    if (result.outcome === 'completed') this.exchange(result.change.booking);
    else this.timeline.note('The card was declined; the booking is as before.');
    this.decision = this.waiting.shift();
  }

  /** Ends a change that was not made. What waited comes next. */
  refuseChange(attempt: ChangeAttempt, refusal: ApplicationFailure): void {
    attempt.refuse(refusal);
    this.learnFrom(refusal);
    this.timeline.note(`The booking is not changed: ${refusal.message}`);
    this.decision = this.waiting.shift();
  }

  /** Takes over the flights that a change has given the booking. An offer that stood has ended. */
  private exchange(booking: Booking): void {
    this.scheduleChanges.offer = undefined;
    this.takeOver(booking);
    upsertSearchAttributes(itineraryAttributes(booking));
    this.timeline.note(`The booking is changed: ${describeWay(slicesOf(booking))}.`);
    this.headWithFlights(booking);
    this.noteOpenUntilDeparture();
  }

  /** Notes what became of an amendment. What waited comes next. */
  endAmendment(note: string): void {
    this.timeline.note(note);
    this.decision = this.waiting.shift();
  }

  /** Notes what is offered to the booking's owner, who may respond until `respondBy`. */
  offer({ booking, offer }: { booking: Booking; offer: StandingOffer }): void {
    const { scheduleChanges: changes } = this;
    const isKnown = changes.offer?.scheduleChangeId === offer.scheduleChangeId;
    changes.offer = offer;
    this.takeOver(booking);
    this.headWithFlights(booking);
    if (isKnown) return;
    const until = formatToTheSecond(offer.respondBy);
    this.timeline.note(
      offer.isSignificant
        ? `The airline has changed the itinerary. Without a response it is cancelled at \`${until}\`, and the money for every flight not used goes back.`
        : `The airline has moved a flight a little. Without a response the new times are accepted at \`${until}\`.`,
    );
    upsertSearchAttributes([
      ...itineraryAttributes(booking),
      { key: ScheduleChangeIdAttribute, value: offer.scheduleChangeId },
    ]);
  }

  /** Notes that no offer stands any more, and what the booking is now. */
  settleOffer(booking: Booking): void {
    this.scheduleChanges.offer = undefined;
    this.takeOver(booking);
    if (booking.status === 'cancelled' && this.status === 'booked') this.cancel(booking);
  }

  /** The page's description can't be changed: its details begin with the present flights instead. */
  private headWithFlights(booking: Booking): void {
    this.timeline.head(`**Now:** ${describeFlights(slicesOf(booking))}.`);
  }

  /** Takes over the booking as it is now: it has other flights, or its flights other times. */
  private takeOver(booking: Booking): void {
    if (this.reservation?.outcome !== 'held') throw new Error('Bug: there is no hold');
    this.reservation = { ...this.reservation, booking };
  }

  /** Leaves a sold booking as it is, as a rule demands. What waited comes next. */
  refuseCancellation(cancel: Cancel, refusal: ApplicationFailure): void {
    this.refused.set(cancel, refusal);
    this.learnFrom(refusal);
    this.timeline.note(`The booking is not cancelled: ${refusal.message}`);
    this.decision = this.waiting.shift();
  }

  /**
   * Waits until a cancellation is carried out, this one or another.
   *
   * @throws ApplicationFailure when it was refused.
   */
  async untilCarriedOut(cancel: Cancel): Promise<void> {
    await condition(() => this.status === 'cancelled' || this.refused.has(cancel));
    const refusal = this.refused.get(cancel);
    if (refusal !== undefined) throw refusal;
  }

  /** Ends a booked booking whose last flight has left. */
  depart(): void {
    this.isEnding = true;
    this.timeline.note('Its last flight has left: nothing of it changes any more.');
  }

  /** The card payment that is being made, if any. */
  get cardAttempt(): CardAttempt | undefined {
    if (this.decision?.kind === 'change') return this.decision.attempt.card;
    return this.isOpen && this.decision?.kind === 'pay' ? this.decision.attempt : undefined;
  }

  /**
   * Asks the provider at once about a payment, unless the payment has ended, or the provider was
   * called, meanwhile.
   */
  retry(attempt: CardAttempt, { requestedBy, note }: Retry, isCalledMeanwhile: boolean): void {
    if (this.cardAttempt !== attempt) return;
    this.timeline.note(
      `Operator ${requestedBy} has the payment provider asked again, now: ${note}`,
    );
    if (isCalledMeanwhile) return;
    this.hasProviderEvent = true;
    attempt.callAgain();
  }

  /** Tells the payer what their bank requires. The charge continues when they have done it. */
  requireAction(attempt: CardAttempt, nextAction: NextAction): void {
    attempt.requireAction(nextAction);
    this.timeline.note('The customer must confirm the payment with their bank.');
  }

  /**
   * Waits for an event of the payment under way, for at most `atMostMs` and not past the deadline.
   */
  async nextProviderEvent(atMostMs: number): Promise<void> {
    const leftMs = Math.min(atMostMs, this.deadline - Date.now());
    const summary = 'The provider is asked again at this time';
    const isOver = () => this.hasProviderEvent || this.lateCancellation !== undefined;
    await condition(isOver, Math.max(leftMs, 1), { summary });
  }

  book(attempt: CardAttempt, result: PaymentResult): void {
    attempt.end(result);
    this.timeline.note('Paid by card.');
    this.become('booked');
  }

  bookExternally(attempt: ExternalAttempt): void {
    attempt.status = 'applied';
    this.external.apply(attempt);
    this.timeline.note(`Paid through ${attempt.payment.provider}.`);
    this.become('booked');
  }

  /** Notes that an external payment does not pay for the booking. The next decision is taken. */
  turnDown(attempt: ExternalAttempt): void {
    attempt.status = 'not_applied';
    this.decision = this.waiting.shift();
    this.external.turnDown(attempt);
  }

  /**
   * Ends the booking with the status that the database has. A worker that was killed may have
   * booked it just before, without recording that in the history.
   */
  cancel(booking: Booking): void {
    if (booking.status === 'cancelled') this.cancelled = booking;
    this.become(booking.status);
  }

  /** Notes a declined card. The booking stays open, and a waiting decision is taken. */
  declinePayment(attempt: CardAttempt, result: DeclinedPayment): void {
    this.declines += 1;
    const { declineCode: code } = result;
    const why = code === undefined ? '' : `: ${describeDecline(code)}`;
    this.timeline.note(
      `The card was declined${why}. Another payment is possible until the deadline.`,
    );
    // Temporal indexes the names of patches (`TemporalChangeVersion`), so the list can be searched
    // for this one. It changes nothing else.
    patched(CARD_DECLINED);
    attempt.end(result);
    this.decision = this.waiting.shift();
  }

  refusePayment(attempt: CardAttempt, refusal: ApplicationFailure): void {
    attempt.refuse(refusal);
    this.timeline.note(`The payment failed; nothing is charged. ${refusal.message}`);
    this.decision = this.waiting.shift();
  }

  /**
   * Ends the booking after a payment whose outcome stays unknown, unless a waiting decision says
   * otherwise.
   */
  abandonPayment(attempt: CardAttempt, refusal: ApplicationFailure): void {
    this.refusePayment(attempt, refusal);
    this.decision ??= { kind: 'cancel', reason: 'reservation_failed', actor: 'system' };
  }

  /** Waits until every message handler has finished, then returns how the booking ended. */
  async close(): Promise<BookingOutcome> {
    this.isEnding = true;
    await condition(allHandlersFinished);
    const { bookingId, reference, status, cancellationReason } = this.state();
    return { bookingId, reference, status, cancellationReason };
  }

  state(): BookingState {
    const held = this.reservation?.outcome === 'held' ? this.reservation.booking : undefined;
    return {
      bookingId: this.request.bookingId,
      reference: held?.reference ?? proposeReference(this.request.bookingId),
      status: this.status,
      cancellationReason: this.cancellationReason(),
      paymentRequiredBy: held?.paymentRequiredBy ?? null,
      activity: this.activity(),
      declinedPayments: this.declines,
      externalPayments: [...this.reportsOneByOne, ...this.external.latest].map(
        ({ payment: { provider, providerPaymentId }, status }) => ({
          provider,
          providerPaymentId,
          status,
        }),
      ),
      externalPaymentCount: this.reportsOneByOne.length + this.external.count,
    };
  }

  private activity(): BookingState['activity'] {
    if (!this.isOpen) return this.activityAfterSale();
    if (this.reservation === undefined) return 'reserving';
    switch (this.business?.kind) {
      case undefined:
        return 'awaiting_payment';
      case 'cancel':
        return 'cancelling';
      case 'pay':
      case 'external_payment':
        return 'paying';
      case 'change':
        return 'changing';
      default:
        throw new Error(`Bug: ${String(this.business satisfies never)} is no decision`);
    }
  }

  private activityAfterSale(): BookingState['activity'] {
    if (!this.staysOpen || this.isEnding) return 'closed';
    if (this.status === 'cancelled') return 'refunding';
    if (this.isChanging) return 'changing';
    if (this.business !== undefined) return 'cancelling';
    return this.scheduleChanges.offer === undefined ? 'awaiting_departure' : 'awaiting_response';
  }

  private cancellationReason(): CancellationReason | null {
    const { reservation } = this;
    if (reservation === undefined) return null;
    switch (reservation.outcome) {
      case 'refused':
        return reservation.code;
      case 'failed':
        return 'reservation_failed';
      case 'held':
        return (this.cancelled ?? reservation.now).cancellationReason;
      default:
        throw new Error(`Bug: a reservation is ${String(reservation satisfies never)}`);
    }
  }

  private become(status: BookingStatus): void {
    if (!canBecome(this.status, status)) {
      throw ApplicationFailure.nonRetryable(
        `Bug: a ${this.status} booking cannot become ${status}`,
      );
    }
    this.status = status;
    if (status === 'booked' && this.staysOpen) this.takeUpCancellation();
    this.external.close();
    const why = this.cancellationReason();
    this.timeline.note(`The booking is ${status}${why === null ? '' : `: ${why}`}.`);
    upsertSearchAttributes([
      { key: BookingStatusAttribute, value: status },
      { key: PaymentDeadlineAttribute, value: null },
    ]);
    if (status === 'booked' && this.staysOpen) this.noteOpenUntilDeparture();
  }

  /**
   * Takes up a cancellation that was asked for before the booking was sold: the one that found it
   * sold, or the first that came meanwhile.
   */
  private takeUpCancellation(): void {
    const cancellations = [this.decision, ...this.waiting.splice(0)].filter(isRequestedCancel);
    this.decision = cancellations.shift();
    this.waiting.push(...cancellations);
  }

  private noteOpenUntilDeparture(): void {
    const first = formatToTheSecond(this.hold.flight.departureAt);
    const last = formatToTheSecond(lastDepartureOf(this.hold).toISOString());
    this.timeline.note(
      `Until \`${first}\`, when its first flight leaves, it can be changed; to cancel it, with a full refund, send \`cancelBooking\` with a reason. It is over when its last flight leaves, \`${last}\`.`,
    );
  }
}

/**
 * Whether a wait ended before its time: the clock that ended it is ahead of the one that began it, as
 * after a step, or on another of Temporal's hosts. Then the rest is to be waited for.
 */
function endedTooSoon(isOver: () => boolean, leftMs: () => number): boolean {
  return !isOver() && leftMs() > 0 && patched(WAITS_OUT_ITS_TIME);
}

function isBusiness(decision: Decision | undefined): decision is Exclude<Decision, AmendBooking> {
  return decision !== undefined && decision.kind !== 'amend';
}

/** @throws `Bug: …` for a decision that only an unpaid booking makes. */
function ofSoldBooking(decision: Decision): Cancel | ChangeFlights | AmendBooking {
  switch (decision.kind) {
    case 'cancel':
    case 'change':
    case 'amend':
      return decision;
    case 'pay':
    case 'external_payment':
      throw new Error('Bug: a sold booking is paid for again');
    default:
      throw new Error(`Bug: ${String(decision satisfies never)} is no decision`);
  }
}

/** What operators search a booking by, of its present flights. */
function itineraryAttributes(booking: Booking) {
  return [
    ...flightNumberAttributes(flightNumbersOf(booking)),
    { key: DepartureTimeAttribute, value: new Date(booking.flight.departureAt) },
  ];
}

/** Whether a person asked for it: a deadline that came with the sale is void. */
export function isRequestedCancel(decision: Decision | undefined): decision is Cancel {
  if (decision?.kind !== 'cancel') return false;
  return decision.reason === 'customer_request' || decision.reason === 'operator_request';
}
