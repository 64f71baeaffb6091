import type { BookingStatus } from '../../../domain/booking';
import { isSameMoney, type Money } from '../../../domain/money';
import { isOwnProvider } from '../../../domain/payment';
import type { ExternalPaymentReport, ExternalPayment } from '../../../temporal/contracts/booking';
import type { RejectionReason } from '../../../temporal/contracts/external-payment';
import type { UnappliedReason } from '../../../temporal/contracts/refund';
import { LateReports } from './late-reports';

/** Money that another service took, as far as this workflow has handled it. */
export interface ExternalAttempt {
  payment: ExternalPayment;
  status: 'waiting' | 'applied' | 'not_applied' | 'not_found';
  /** Since when our own provider has given no result about it, in milliseconds of workflow time. */
  silentSinceMs?: number;
  /** It is on record as not found until its provider gives a result. */
  isRecorded?: boolean;
}

/** What decides whether a payment can pay for its booking. */
interface PayableBooking {
  readonly request: { bookingId: string };
  /** Undefined until it is known whether there are seats. */
  readonly reservation: object | undefined;
  readonly status: BookingStatus;
  readonly hold: { price: Money };
  readonly isPastDeadline: boolean;
  decide(decision: { kind: 'external_payment'; attempt: ExternalAttempt }): void;
}

/** More payments at once that could all pay for one booking come only by accident or by malice. */
const MAX_WAITING = 100;

/** Only this many are shown to operators; there may be thousands. */
const MAX_SHOWN = 20;

/** A reported payment that pays for nothing, on its way into the database. */
export interface Rejected {
  attempt: ExternalAttempt;
  reason: RejectionReason;
  /** Its provider is still being asked, and may yet confirm it. */
  isAskedOn?: boolean;
}

/**
 * Reported payments of one booking that are not on record yet. Each is decided on at once, in order
 * of arrival. Recording them, and asking our own providers, is done in batches.
 *
 * Keeps nothing of a payment that is on record: a report that is repeated later changes nothing in
 * the database.
 */
export class ExternalPaymentQueue {
  /** Came before it was known whether there are seats. */
  private early: ExternalAttempt[] = [];
  /** Could pay for the booking, but another decision, or the database, comes first. */
  private readonly waiting = new Set<ExternalAttempt>();
  private readonly inHand = new Set<string>();
  /** The latest reports, and how many different ones there were in all. */
  latest: ExternalAttempt[] = [];
  count = 0;
  /** Our own provider is to be asked about these. */
  toLookUp: ExternalAttempt[] = [];
  /** Our own provider was asked about these, and gave no result. */
  silent: ExternalAttempt[] = [];
  rejected: Rejected[] = [];

  /** Whether results take effect only while the booking is in no local activity. */
  waitsItsTurn = false;
  readonly late: LateReports;

  constructor(private readonly booking: PayableBooking) {
    this.late = new LateReports(() => booking.isPastDeadline);
  }

  /** Whether there is something to look up or to record. */
  get hasWork(): boolean {
    return this.toLookUp.length > 0 || this.rejected.length > 0;
  }

  get isEmpty(): boolean {
    return this.inHand.size === 0;
  }

  /** Takes a report. A repeated report of a payment that is being handled has no effect. */
  receive({ amount, currency, provider, providerPaymentId }: ExternalPaymentReport): void {
    const { bookingId } = this.booking.request;
    const payment = { bookingId, amount, currency, provider, providerPaymentId };
    const key = keyOf(payment);
    const earlier = this.latest.find((attempt) => keyOf(attempt.payment) === key);
    const mayBeFoundNow = earlier?.status === 'not_found';
    if (this.inHand.has(key) || (earlier !== undefined && !mayBeFoundNow)) return;
    if (mayBeFoundNow) this.hide(earlier);
    const attempt: ExternalAttempt = { payment, status: 'waiting' };
    this.inHand.add(key);
    this.latest = [...this.latest, attempt].slice(-MAX_SHOWN);
    this.count += 1;
    if (this.booking.reservation === undefined) this.early.push(attempt);
    else this.admit(attempt);
  }

  /** Decides on reports that came before it was known whether there are seats. */
  admitEarly(): void {
    const early = this.early;
    this.early = [];
    for (const attempt of early) this.admit(attempt);
  }

  /** Replaces the reported amount with the one that our own provider confirms, and decides. */
  verify(attempt: ExternalAttempt, money: Money): void {
    const { amount, currency } = money;
    attempt.payment = { ...attempt.payment, amount, currency };
    this.decide(attempt);
  }

  /** Decides on a payment that no provider has to be asked about. */
  decide(attempt: ExternalAttempt): void {
    const unapplied = findUnappliedReason(this.booking, attempt.payment);
    if (unapplied !== undefined) this.reject(attempt, unapplied);
    else if (this.late.isNextLate()) this.reject(attempt, 'late');
    else if (this.waiting.size >= MAX_WAITING) this.reject(attempt, 'second_payment');
    else {
      this.waiting.add(attempt);
      this.booking.decide({ kind: 'external_payment', attempt });
    }
  }

  reject(attempt: ExternalAttempt, reason: RejectionReason): void {
    this.rejected.push({ attempt, reason });
  }

  /**
   * Asks its provider again later. Until then the payment is recorded as not found, if
   * `isToBeRecorded`.
   */
  askLater(attempt: ExternalAttempt, isToBeRecorded: boolean): void {
    this.silent.push(attempt);
    if (isToBeRecorded) this.rejected.push({ attempt, reason: 'provider_silent', isAskedOn: true });
  }

  /**
   * Drops a report of our own card payment: it has no effect and leaves no line on the timeline.
   */
  drop(attempt: ExternalAttempt): void {
    this.inHand.delete(keyOf(attempt.payment));
    this.hide(attempt);
  }

  /** Notes that the database has applied the payment to the booking. */
  apply(attempt: ExternalAttempt): void {
    this.waiting.delete(attempt);
    this.forget(attempt, 'applied');
  }

  /** Notes that the database did not apply the payment: it pays for nothing. */
  turnDown(attempt: ExternalAttempt): void {
    if (!this.waiting.delete(attempt)) return;
    this.reject(attempt, findUnappliedReason(this.booking, attempt.payment) ?? 'late');
  }

  /** Ends the queue with its booking: payments that were waiting pay for nothing. */
  close(): void {
    for (const attempt of this.waiting)
      this.reject(attempt, findUnappliedReason(this.booking, attempt.payment) ?? 'late');
    this.waiting.clear();
    this.askSilentAgain();
  }

  askSilentAgain(): void {
    this.toLookUp.push(...this.silent);
    this.silent = [];
  }

  /** Forgets a payment that is on record, or has no effect. */
  forget(attempt: ExternalAttempt, status: ExternalAttempt['status']): void {
    attempt.status = status;
    this.inHand.delete(keyOf(attempt.payment));
  }

  private hide(attempt: ExternalAttempt): void {
    this.latest = this.latest.filter((one) => one !== attempt);
    this.count -= 1;
  }

  private admit(attempt: ExternalAttempt): void {
    if (isOwnProvider(attempt.payment.provider)) this.toLookUp.push(attempt);
    else this.decide(attempt);
  }
}

function keyOf({ provider, providerPaymentId }: ExternalPaymentReport): string {
  return JSON.stringify([provider, providerPaymentId]);
}

/** Returns why money can't pay for the booking, unless it is late; undefined when it can. */
export function findUnappliedReason(
  booking: PayableBooking,
  payment: Money,
): UnappliedReason | undefined {
  switch (booking.status) {
    case 'booked':
      return 'second_payment';
    case 'cancelled':
      return 'booking_cancelled';
    case 'initiated':
    case 'pending':
      return isSameMoney(booking.hold.price, payment) ? undefined : 'amount_mismatch';
    default:
      return booking.status satisfies never;
  }
}
