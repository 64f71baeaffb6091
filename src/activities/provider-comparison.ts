import { validate as isUuid } from 'uuid';
import { findBookingStatus } from '../db/booking-view';
import { findProvidersPayment, listCapturedOnRecord, type PaymentOnRecord } from '../db/money-view';
import { isSameMoney } from '../domain/money';
import { isUnderWay } from '../domain/payment';
import type { ProviderPayment } from '../payments/gateway';
import type { Disagreement } from '../temporal/contracts';
import type { ActivityDependencies } from './dependencies';

type Deps = Pick<ActivityDependencies, 'db' | 'payments' | 'messenger'>;

export interface ProviderComparison {
  /** The provider's IDs of payments whose news had never come, and now has. */
  delivered: string[];
  /** What differs otherwise: for people to look at. */
  disagreements: Disagreement[];
}

/**
 * Compares the money that our provider says it took since then with what we have on record, in both directions. A payment for one of our bookings that
 * we never heard of is delivered as if its news came now; whatever else differs is for people.
 *
 * Safe to repeat: captured money has one effect.
 */
export async function compareWithProvider(deps: Deps, since: Date): Promise<ProviderComparison> {
  const { db, payments } = deps;
  const delivered: string[] = [];
  const found = new Map<Disagreement['kind'], string[]>();
  const note = (kind: Disagreement['kind'] | undefined, id: string) => {
    if (kind !== undefined) found.set(kind, [...(found.get(kind) ?? []), id]);
  };

  const theirIds = new Set<string>();
  for await (const theirs of payments.listCaptured(since)) {
    const { providerPaymentId } = theirs;
    theirIds.add(providerPaymentId);
    const ours = await findProvidersPayment(db, { provider: payments.provider, ...theirs });
    // What was reported too early for the provider to know it is reported once more.
    const isOnRecord = ours !== undefined && ours.status !== 'not_found';
    if (isOnRecord) note(findDifference(ours, theirs), providerPaymentId);
    else if (await deliver(deps, theirs)) delivered.push(providerPaymentId);
    else note('not_on_record', providerPaymentId);
  }
  for (const ours of await listCapturedOnRecord(db, payments.provider, since)) {
    const isListed = ours.providerPaymentId !== null && theirIds.has(ours.providerPaymentId);
    if (!isListed && !(await isCapturedThere(deps, ours))) note('not_captured', ours.paymentId);
  }
  const disagreements = [...found].map(([kind, ids]) => ({
    kind,
    count: ids.length,
    examples: ids.slice(0, EXAMPLES),
  }));
  return { delivered, disagreements };
}

const EXAMPLES = 5;

/** How a payment that the provider took differs from our record of it. One that is under way with us explains itself. */
export function findDifference(
  ours: PaymentOnRecord,
  { money, refunded }: ProviderPayment,
): Disagreement['kind'] | undefined {
  if (isUnderWay(ours.status)) return undefined;
  if (ours.status !== 'captured') return 'taken_nevertheless';
  if (!isSameMoney(ours.money, money)) return 'other_amount';
  const { refund } = ours;
  if (refund === null) return refunded === 0 ? undefined : 'other_refund';
  // What a person gave back by hand may have gone another way; what is on its way may have arrived and not be noted yet.
  const mustBeBack = refund.status === 'succeeded' && !refund.isSettledByHand;
  const isTooMuch = refunded > refund.amount;
  return isTooMuch || (mustBeBack && refunded < refund.amount) ? 'other_refund' : undefined;
}

/** Brings the news of a payment that nobody brought; answers false when it names no booking that it could be for. */
async function deliver(
  { db, payments, messenger }: Deps,
  { providerPaymentId, bookingId, money }: ProviderPayment,
): Promise<boolean> {
  if (bookingId === null || !isUuid(bookingId)) return false;
  const news = { bookingId, ...money, provider: payments.provider, providerPaymentId };
  await messenger.deliver(news, () => findBookingStatus(db, bookingId));
  return true;
}

/** The list goes by when a payment was made: one that is not on it may be from before. */
async function isCapturedThere(
  { payments }: Deps,
  { providerPaymentId }: PaymentOnRecord,
): Promise<boolean> {
  const theirs =
    providerPaymentId === null ? undefined : await payments.retrieve(providerPaymentId);
  return theirs?.status === 'captured';
}
