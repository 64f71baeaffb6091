import { setTimeout as wait } from 'node:timers/promises';
import { ProviderUnavailable } from '../gateway';

/**
 * How the sandbox treats each payment method. Methods named like Stripe's test methods behave like
 * them.
 */
export type Behaviour = 'works' | 'loses_answers' | 'slow' | 'fails';

const BEHAVIOURS = new Map<string, Behaviour>([
  ['pm_card_visa', 'works'],
  ['pm_sandbox_timeout', 'loses_answers'],
  ['pm_sandbox_slow', 'slow'],
  ['pm_sandbox_error', 'fails'],
]);

/** The payment methods with which something goes wrong, or takes long. */
export const FAULTY_METHODS = [...BEHAVIOURS].flatMap(([method, behaviour]) =>
  behaviour === 'works' ? [] : [method],
);

export function isFaulty(paymentMethod: string): boolean {
  return FAULTY_METHODS.includes(paymentMethod);
}

const DECLINES = new Map([
  ['pm_card_chargeDeclined', 'generic_decline'],
  ['pm_card_chargeDeclinedInsufficientFunds', 'insufficient_funds'],
]);

/**
 * Returns why the sandbox's bank declines a payment method; undefined when it accepts it. Unknown
 * methods are declined.
 */
export function declineCodeOf(paymentMethod: string): string | undefined {
  if (BEHAVIOURS.has(paymentMethod)) return undefined;
  return DECLINES.get(paymentMethod) ?? 'unknown_payment_method';
}

/** Faults occur in the first two tries of an operation; the third works. */
const FAULTY_TRIES = 2;

/**
 * Long enough to be noticed. Short enough that two of them and a result fit into the 10 s that a
 * payer waits.
 */
const LOST_ANSWER_MS = 800;
const SLOW_ANSWER_MS = 3_000;

/** Simulates a fault before the books are written, on the given try (from 1) of an operation. */
export function failBefore(paymentMethod: string, attempt: number): void {
  if (BEHAVIOURS.get(paymentMethod) === 'fails' && attempt <= FAULTY_TRIES) {
    throw new ProviderUnavailable('The sandbox provider responded with 500.');
  }
}

/** Simulates a fault after the books are written, before the response. */
export async function hinderAnswer(paymentMethod: string, attempt: number): Promise<void> {
  const behaviour = BEHAVIOURS.get(paymentMethod);
  if (behaviour === 'slow') await wait(SLOW_ANSWER_MS);
  if (behaviour === 'loses_answers' && attempt <= FAULTY_TRIES) {
    await wait(LOST_ANSWER_MS);
    throw new ProviderUnavailable('The response of the sandbox provider was lost.');
  }
}
