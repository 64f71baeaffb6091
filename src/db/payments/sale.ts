import type { Actor } from '../../domain/booking-event';
import type { Price } from '../../domain/fare';
import { isSameMoney } from '../../domain/money';
import { Refusal } from '../../domain/refusal';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import { isPending } from '../bookings/is-pending';
import type { Db } from '../connection';
import { bindOutcomeSql } from '../idempotency/bind-outcome';
import { captureId, postingsOf, type CaptureEntry } from '../ledger/ledger';
import { HAS_PROVIDER_MONEY_SQL } from '../provider-money/provider-money';
import { LOCK_ORDER } from '../seats/seats';
import { runOne, statement } from '../statement';

/** A captured payment that pays for a pending booking. */
export interface Sale {
  capture: CaptureEntry & { bookingId: string; price: Price };
  /** The provider's ID of the payment, if it isn't on record yet. */
  providerPaymentId: string | null;
  capturedAt: Date;
  actor: Actor;
  /** What the payment's idempotency key is bound to; null when it has no key. */
  outcome: {
    callerId: string;
    key: string;
    fingerprint: string;
    kind: 'payment_captured';
    body: unknown;
  } | null;
}

/**
 * Sells the seats that a booking holds, in one statement: payment, seats, booking, ledger, event,
 * and the outcome that the idempotency key is bound to. Seats are locked in the order of all: a
 * claim that waits may have looked at them as free.
 *
 * Safe to repeat: of a payment that is applied already nothing is changed (`not_sold`). Nor is
 * anything of a charge of ours that was undone meanwhile: its money goes back.
 *
 * Returns `sold_and_reported` when the payment's provider has reported a dispute or a refund of it
 * already. Then the key is not bound yet: the outcome is to show that.
 *
 * @throws Refusal `booking_not_payable` when the booking is not pending: the caller rolls back.
 */
export async function sellSeats(
  trx: Db,
  { capture, providerPaymentId, capturedAt, actor, outcome }: Sale,
): Promise<'sold' | 'sold_and_reported' | 'not_sold'> {
  const { paymentId, bookingId, money, price } = capture;
  if (!isSameMoney(price, money)) throw new Error(`Bug: payment ${paymentId} is not the price`);
  const { sold, is_reported: isReported } = await runOne(trx, SELL_SEATS, [
    paymentId,
    bookingId,
    capturedAt,
    providerPaymentId,
    money.currency,
    captureId(paymentId),
    JSON.stringify(postingsOf(capture)),
    actor.id,
    actor.kind,
    outcome?.callerId ?? null,
    outcome?.key ?? null,
    outcome?.fingerprint ?? null,
    outcome?.kind ?? null,
    outcome === null ? null : JSON.stringify(outcome.body),
  ]);
  if (isReported === null) return 'not_sold';
  if (sold !== 1) throw new Refusal('booking_not_payable', REFUSAL_TEXTS.notPayable);
  return isReported ? 'sold_and_reported' : 'sold';
}

type SaleValues = [
  paymentId: string,
  bookingId: string,
  capturedAt: Date,
  providerPaymentId: string | null,
  currency: string,
  ledgerTransactionId: string,
  postings: string,
  actor: string,
  actorKind: string,
  callerId: string | null,
  key: string | null,
  fingerprint: string | null,
  kind: string | null,
  body: string | null,
];

const SELL_SEATS = statement<{ sold: number; is_reported: boolean | null }, SaleValues>(
  'sell_seats',
  `WITH paid AS (
     UPDATE payments SET status = 'captured', applied = true,
       captured_at = coalesce(captured_at, $3::timestamptz),
       provider_payment_id = coalesce($4::text, provider_payment_id)
     WHERE id = $1::uuid AND booking_id = $2::uuid AND NOT applied
       AND (status IN ('processing', 'authorized') OR customer_id IS NULL)
     RETURNING id, booking_id, ${HAS_PROVIDER_MONEY_SQL} AS is_reported
   ), owned AS (
     SELECT s.flight_id, s.seat_number FROM paid, seats s
     WHERE s.booking_id = $2 AND s.state = 'held' ORDER BY ${LOCK_ORDER} FOR UPDATE OF s
   ), sold AS (
     UPDATE seats s SET state = 'sold' FROM owned
     WHERE s.flight_id = owned.flight_id AND s.seat_number = owned.seat_number
   ), booked AS (
     UPDATE bookings SET status = 'booked' FROM paid
     WHERE bookings.id = $2 AND ${isPending('bookings')}
     RETURNING bookings.id
   ), posted AS (
     INSERT INTO ledger_transactions (id, kind, booking_id, payment_id)
     SELECT $6::uuid, 'capture', booking_id, id FROM paid
   ), postings AS (
     INSERT INTO ledger_postings (transaction_id, account, amount, currency)
     SELECT $6::uuid, p.account, p.amount, $5::text
     FROM paid, json_to_recordset($7::json) AS p (account text, amount bigint)
   ), told AS (
     INSERT INTO booking_events (booking_id, type, actor, actor_kind)
     SELECT booking_id, 'booked', $8::text, $9::text FROM paid
   ), bound AS (
     ${bindOutcomeSql(`SELECT $10::text, 'payments', $11::text, $12::text, $13::text, $14::json
       FROM paid WHERE $11::text IS NOT NULL AND NOT is_reported`)}
   )
   SELECT (SELECT count(*) FROM booked) AS sold, (SELECT is_reported FROM paid) AS is_reported`,
);
