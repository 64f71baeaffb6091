import type { z } from 'zod';
import { isSameMoney, type Money } from '../../domain/money';
import { ProviderRejected, ProviderUnavailable } from '../gateway';

/**
 * Checks of Stripe's responses: they must have the documented shape, and the amount that we asked
 * about.
 */

/** @throws ProviderUnavailable when the response can't be relied on. */
export function readAnswer<T>(shape: z.ZodType<T>, answer: unknown): T {
  const read = shape.safeParse(answer);
  if (read.success) return read.data;
  const faults = read.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new ProviderUnavailable(`Stripe's response is not usable: ${faults}`);
}

/** Stripe's amount differs from ours. An operator has to check, since either side may be wrong. */
export class MoneyMismatch extends ProviderRejected {
  override name = 'MoneyMismatch';
}

/** @throws MoneyMismatch when they differ. */
export function requireSameMoney(id: string, asked: Money, answered: Money): void {
  if (isSameMoney(asked, answered)) return;
  throw new MoneyMismatch(
    `${id} is of ${answered.amount} ${answered.currency}, but the request was for ${asked.amount} ${asked.currency}`,
  );
}
