import type { Response } from 'express';
import type { Db } from '../../db/connection';
import type { Outcome } from '../../db/idempotency/outcome';
import { findOutcome } from '../../db/idempotency/outcome-view';
import { readBeforePayment } from '../../db/payments/payment-request-view';
import { isSettled, readPayment } from '../../db/payments/payment-view';
import { isUnderWay, type Payment } from '../../domain/payment';
import { REFUSAL_TEXTS } from '../../domain/refusal-texts';
import { addLogContext } from '../../telemetry/logger';
import type { BookingWorkflows } from '../../temporal/clients/bookings';
import { Refused } from '../../temporal/clients/refused';
import { bookingWorkflowId, type PaymentResult } from '../../temporal/contracts/booking';
import type { Caller } from '../auth';
import { fingerprintOf, idOfKey, requireSameRequest } from '../idempotency';
import { replay, sendDecision } from '../outcomes';
import { nameBooking, Problem, unavailable } from '../problem';
import { readUndecided } from '../undecided';
import type { MakePaymentRequest } from './schemas';

/**
 * Pays for a booking and returns the captured payment: 201. Returns 202 when the provider has given
 * no result in time and the payment is on record.
 *
 * Safe to retry with the same key: the outcome is read from the database, or the request waits for
 * the same update of the workflow.
 *
 * @throws Problem with the refusal's code; `payment_declined` too; `service_unavailable` when it is
 * unknown whether anything is on record.
 */
export async function pay(
  { db, workflows }: { db: Db; workflows: BookingWorkflows },
  { caller, request, key }: { caller: Caller; request: MakePaymentRequest; key: string },
  res: Response,
): Promise<void> {
  const { bookingId, amount, currency, paymentMethod, userId } = request;
  if (userId !== undefined && userId !== caller.id) {
    throw new Problem('forbidden', 'The userId is not yours.');
  }
  const paymentId = idOfKey(caller.id, 'payments', key);
  const fingerprint = fingerprintOf({ bookingId, amount, currency, paymentMethod });
  addLogContext({ workflowId: bookingWorkflowId(bookingId) });
  nameBooking(res, bookingId, 'undecided');

  const replayed = (outcome: Outcome | undefined) => {
    if (outcome === undefined) return false;
    // The request that the key is bound to came from the booking's owner, for the same booking.
    if (outcome.fingerprint === fingerprint) nameBooking(res, bookingId);
    replay(res, outcome, fingerprint);
    return true;
  };
  const replayIfBound = async () =>
    replayed(await findOutcome(db, { callerId: caller.id, route: 'payments', key }));

  const known = await readBeforePayment(db, { callerId: caller.id, key, paymentId, bookingId });
  if (replayed(known.outcome)) return;
  // A payment under this key may be under way, perhaps for another booking.
  if (known.started !== undefined) requireSameRequest(known.started, fingerprint);
  const owner = known.customerId ?? (await workflows.describe(bookingId))?.customerId;
  if (owner !== caller.id) throw new Problem('booking_not_found', REFUSAL_TEXTS.noSuchBooking);
  nameBooking(res, bookingId);
  // Its seats aren't held yet.
  if (known.customerId === undefined) throw notPayable();

  const payment = { paymentId, amount, currency, paymentMethod };
  const terms = { ...payment, customerId: caller.id, idempotencyKey: key, fingerprint };
  const update = await workflows.pay(bookingId, terms).catch(async (error: unknown) => {
    // A run that was restored after the sale knows no earlier payment. Its outcome may be bound since
    // it was looked for.
    if (isNotPayable(error) && (await replayIfBound())) return undefined;
    throw error;
  });
  if (update === undefined) return;
  switch (update.kind) {
    case 'completed':
      // The update's result stays `action_required`, whatever became of the payment since.
      if (update.result.outcome === 'action_required' && !(await findUnderWay(db, paymentId))) {
        if (await replayIfBound()) return;
        throw notPayable();
      }
      sendPayment(res, update.result, fingerprint);
      return;
    case 'closed':
      if (await replayIfBound()) return;
      throw notPayable();
    case 'no_result': {
      const notKnown = () => unavailable(NOT_KNOWN_WHETHER_STARTED);
      const read = <T>(query: () => Promise<T>) => readUndecided(notKnown, query);
      const payment = await read(() => findUnderWay(db, paymentId));
      if (payment === undefined) {
        // The outcome may have been bound while the result was on its way. Or another payment
        // decided the booking, so this one never will.
        if (await read(replayIfBound)) return;
        if (await read(() => isSettled(db, bookingId))) throw notPayable();
        throw notKnown();
      }
      res.status(202).json({ ...payment, status: 'processing' });
    }
  }
}

/** The workflow may have the request, but no worker to handle it: then it is paid later. */
const NOT_KNOWN_WHETHER_STARTED =
  'It is not known yet whether the payment was started; send the same request with the same key to learn.';

/** Reads a payment that is on record and not decided yet; undefined otherwise. */
async function findUnderWay(db: Db, paymentId: string): Promise<Payment | undefined> {
  const payment = await readPayment(db, paymentId);
  return payment !== undefined && isUnderWay(payment.status) ? payment : undefined;
}

function isNotPayable(error: unknown): boolean {
  return error instanceof Refused && error.code === 'booking_not_payable';
}

function notPayable(): Problem {
  return new Problem('booking_not_payable', REFUSAL_TEXTS.notPayable);
}

function sendPayment(res: Response, result: PaymentResult, fingerprint: string): void {
  requireSameRequest(result, fingerprint);
  switch (result.outcome) {
    case 'captured':
      sendDecision(res, { kind: 'payment_captured', body: result.payment });
      return;
    case 'action_required':
      // Nothing is decided until the customer has confirmed with their bank.
      res.status(202).json(result.payment);
      return;
    case 'declined': {
      const { detail, declineCode } = result;
      sendDecision(res, {
        kind: 'payment_declined',
        body: { code: 'payment_declined', detail, declineCode },
      });
      return;
    }
    default:
      throw new Error(`Bug: a payment is ${String(result satisfies never)}`);
  }
}
