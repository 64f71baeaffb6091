import type { Response } from 'express';
import type { Decision, Outcome } from '../db/idempotency/outcome';
import type { Booking } from '../domain/booking';
import { requireSameRequest } from './idempotency';
import { Problem } from './problem';

/**
 * Sends a decision: the only place where each kind gets its status and headers. What was just
 * decided and what is replayed from the database come through here, so both get the same response.
 *
 * @throws Problem when the decision is a refusal; its code gives the status.
 */
export function sendDecision(res: Response, decision: Decision, { replayed = false } = {}): void {
  if (replayed) res.set('Idempotent-Replayed', 'true');
  switch (decision.kind) {
    case 'booking_created':
      res.status(201).location(locationOf(decision.body)).json(decision.body);
      return;
    case 'payment_captured':
    case 'change_completed':
      res.status(201).json(decision.body);
      return;
    case 'booking_amended':
      res.json(decision.body);
      return;
    case 'booking_refused':
    case 'hold_limit_reached':
      throw new Problem(decision.body.code, decision.body.detail);
    case 'payment_declined':
    case 'change_declined': {
      const { code, detail, declineCode } = decision.body;
      throw new Problem(code, detail, { declineCode });
    }
    case 'erased':
      throw new Problem(
        'erased',
        'What this key was bound to held personal data, which were erased.',
      );
    default:
      throw new Error(`Bug: ${String(decision satisfies never)} is no decision`);
  }
}

/**
 * Repeats the response that a key is bound to, with `Idempotent-Replayed`.
 *
 * @throws Problem the same one as before, if the outcome was a refusal; `idempotency_key_reused`
 * when the key came with another request before; `erased` when its outcome is no longer kept.
 */
export function replay(res: Response, outcome: Outcome, fingerprint: string): void {
  // Of an erased outcome nothing tells any more which request it was for.
  if (outcome.kind !== 'erased') requireSameRequest(outcome, fingerprint);
  sendDecision(res, outcome, { replayed: true });
}

/** Returns the path of a booking, for `Location`. */
export function locationOf({ id }: Booking): string {
  return `/api/v1/bookings/${id}`;
}
