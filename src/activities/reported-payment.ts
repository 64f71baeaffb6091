import { setTimeout as wait } from 'node:timers/promises';
import { validate as isUuid } from 'uuid';
import { findOwnCharge } from '../db/payments/payment-view';
import { isOwnProvider } from '../domain/payment';
import type { PaymentGateway } from '../payments/gateway';
import type { ExternalPayment } from '../temporal/contracts/booking';
import type { Finding } from '../temporal/contracts/external-payment';
import type { ActivityDependencies } from './dependencies';

type Deps = Pick<ActivityDependencies, 'db' | 'providers'>;

/** More than the slowest working provider takes, which is three seconds. */
const ANSWER_MS = 5_000;

/**
 * Asks the provider that a report names, if it is ours, whether it has captured that money for that
 * booking. Returns `silent` when the provider gives no result.
 *
 * Safe to repeat: it only reads.
 */
export async function lookUpReported(
  deps: Deps,
  payment: ExternalPayment,
  isAway = false,
): Promise<Finding> {
  const { provider, providerPaymentId, bookingId } = payment;
  const account = isOwnProvider(provider) ? deps.providers.named(provider) : undefined;
  if (account === undefined) return { outcome: 'foreign' };
  const onRecord = await findOwnCharge(deps.db, payment);
  if (onRecord !== undefined) return { outcome: 'own_charge', paymentId: onRecord };
  const answer = isAway ? 'silent' : await ask(account, providerPaymentId);
  if (answer === 'silent') return { outcome: 'silent' };
  const { found } = answer;
  // The row of a card payment may not know its provider's ID yet; the provider knows ours.
  const paymentId = found?.paymentId ?? '';
  const charge = isUuid(paymentId)
    ? await findOwnCharge(deps.db, { provider, paymentId })
    : undefined;
  if (charge !== undefined) return { outcome: 'own_charge', paymentId: charge };
  if (found?.status !== 'captured' || found.bookingId !== bookingId)
    return { outcome: 'not_found' };
  return { outcome: 'captured', ...found.money };
}

async function ask(account: PaymentGateway, providerPaymentId: string) {
  const tooLate = new AbortController();
  const silence = wait(ANSWER_MS, 'silent' as const, { signal: tooLate.signal, ref: false });
  // Rejects when it is aborted, which nothing waits for.
  silence.catch(() => undefined);
  try {
    const answer = account.retrieve(providerPaymentId).then(
      (found) => ({ found }),
      () => 'silent' as const,
    );
    return await Promise.race([answer, silence]);
  } finally {
    tooLate.abort();
  }
}

/** Number of payments that providers are asked about at once. */
const AT_ONCE = 20;

/**
 * Looks up several reports. Returns the findings in their order. A provider that gave no result is
 * not asked about the rest.
 */
export async function lookUpAllReported(
  deps: Deps,
  payments: readonly ExternalPayment[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  let isAway = false;
  for (let start = 0; start < payments.length; start += AT_ONCE) {
    const some = payments.slice(start, start + AT_ONCE);
    const found = await Promise.all(some.map((payment) => lookUpReported(deps, payment, isAway)));
    isAway ||= found.some(({ outcome }) => outcome === 'silent');
    findings.push(...found);
  }
  return findings;
}
