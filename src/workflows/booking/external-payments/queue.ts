import type { BookingStatus } from '../../../domain/booking';
import { isSameMoney, type Money } from '../../../domain/money';
import { isOwnProvider } from '../../../domain/payment';
import type { ExternalPaymentReport, ExternalPayment } from '../../../temporal/contracts';
import type { RejectionReason } from '../../../temporal/external-payment-contracts';
import type { UnappliedReason } from '../../../temporal/refund-contracts';

/** Money that another service took. */
export interface ExternalAttempt {
  payment: ExternalPayment;
  status: 'waiting' | 'applied' | 'not_applied' | 'not_found';
  /** Since when our own provider gives no answer about it, in workflow time. */
  silentSinceMs?: number;
  /** It is on record as not found for as long as its provider gives no answer. */
  isRecorded?: boolean;
}

/** The booking that the money is for, as far as it decides what becomes of it. */
interface PayableBooking {
  readonly request: { bookingId: string };
  /** Undefined until it is known whether there are seats. */
  readonly reservation: object | undefined;
  readonly status: BookingStatus;
  readonly hold: { price: Money };
  readonly isPastDeadline: boolean;
  decide(decision: { kind: 'external_payment'; attempt: ExternalAttempt }): void;
}

/** More that could pay for one booking at the same time come by accident or by malice. */
const MAX_WAITING = 100;

/** So many are shown to operators; there may be thousands. */
const MAX_SHOWN = 20;

/** A reported payment that pays for nothing, on its way into the database. */
export interface Rejected {
  attempt: ExternalAttempt;
  reason: RejectionReason;
  /** Its provider is asked on, and may still vouch for it. */
  isAskedOn?: boolean;
}

/**
 * Reported payments of one booking that are not on record yet. Each is decided on at once, in the
 * order in which they came; recording them, and asking our own providers, is done in batches.
 *
 * Holds nothing of a payment that is on record: a report that is repeated later changes nothing
 * in the database.
 */
export class ExternalPaymentQueue {
  /** Those that came before it was known whether there are seats. */
  private early: ExternalAttempt[] = [];
  /** Those that could pay, while something else is decided or the database decides. */
  private readonly waiting = new Set<ExternalAttempt>();
  private readonly inHand = new Set<string>();
  /** The latest reports, and how many different ones there were in all. */
  latest: ExternalAttempt[] = [];
  count = 0;
  /** Those of which our own provider is to be asked. */
  toLookUp: ExternalAttempt[] = [];
  /** Those of which our own provider, when asked, gave no answer. */
  silent: ExternalAttempt[] = [];
  rejected: Rejected[] = [];

  constructor(private readonly booking: PayableBooking) {}

  /** Whether there is something to do other than to wait for a decision. */
  get hasWork(): boolean {
    return this.toLookUp.length > 0 || this.rejected.length > 0;
  }

  get isEmpty(): boolean {
    return this.inHand.size === 0;
  }

  /** Takes a report; one that is in hand already is the same. */
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

  /** Decides on what came before it was known whether there are seats. */
  admitEarly(): void {
    const early = this.early;
    this.early = [];
    for (const attempt of early) this.admit(attempt);
  }

  /** Takes what our own provider says for the truth, and decides. */
  verify(attempt: ExternalAttempt, money: Money): void {
    const { amount, currency } = money;
    attempt.payment = { ...attempt.payment, amount, currency };
    this.decide(attempt);
  }

  /** Decides on a payment that nobody needs to be asked about. */
  decide(attempt: ExternalAttempt): void {
    const unapplied = findUnappliedReason(this.booking, attempt.payment);
    if (unapplied !== undefined) this.reject(attempt, unapplied);
    else if (this.waiting.size >= MAX_WAITING) this.reject(attempt, 'second_payment');
    else {
      this.waiting.add(attempt);
      this.booking.decide({ kind: 'external_payment', attempt });
    }
  }

  reject(attempt: ExternalAttempt, reason: RejectionReason): void {
    this.rejected.push({ attempt, reason });
  }

  /** Asks its provider again later; meanwhile the payment is on record as not found, if need be. */
  askLater(attempt: ExternalAttempt, isToBeRecorded: boolean): void {
    this.silent.push(attempt);
    if (isToBeRecorded) this.rejected.push({ attempt, reason: 'provider_silent', isAskedOn: true });
  }

  /** Drops a report of our own card payment: it has no effect, and nothing is said of it. */
  drop(attempt: ExternalAttempt): void {
    this.inHand.delete(keyOf(attempt.payment));
    this.hide(attempt);
  }

  /** The database says that the payment pays for the booking. */
  apply(attempt: ExternalAttempt): void {
    this.waiting.delete(attempt);
    this.forget(attempt, 'applied');
  }

  /** The database says that the payment can't pay for the booking. */
  turnDown(attempt: ExternalAttempt): void {
    if (!this.waiting.delete(attempt)) return;
    this.reject(attempt, findUnappliedReason(this.booking, attempt.payment) ?? 'late');
  }

  /** The booking has come to its end: what waited pays for nothing. */
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

  /** The payment is on record, or of no concern: nothing of it is held any more. */
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

/** Why money can't pay for the booking as it is now; undefined when it can. */
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
      if (!isSameMoney(booking.hold.price, payment)) return 'amount_mismatch';
      return booking.isPastDeadline ? 'late' : undefined;
    default:
      return booking.status satisfies never;
  }
}
