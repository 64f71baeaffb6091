import { validate as isUuid } from 'uuid';
import { findBookingStatus } from '../db/bookings/booking-view';
import {
  findProvidersPayment,
  listCapturedOnRecord,
  type PaymentOnRecord,
} from '../db/payments/record-view';
import { isSameMoney } from '../domain/money';
import { isUnderWay } from '../domain/payment';
import type { PaymentGateway, ProviderPayment } from '../payments/gateway';
import type { Disagreement } from '../temporal/contracts';
import type { ActivityDependencies } from './dependencies';
import { Items, type ItemFailure } from './items';

type Deps = Pick<ActivityDependencies, 'db' | 'providers' | 'paymentWorkflows'>;

export interface ProviderComparison {
  /** The provider's IDs of payments whose report had never come, and now has. */
  delivered: string[];
  /** What differs otherwise: for people to look at. */
  disagreements: Disagreement[];
  /** Payments that could not be compared; the others have been. */
  failed: ItemFailure[];
}

/**
 * Compares the money that each configured provider says it took since then with what we have on
 * record, in both directions. A payment for one of our bookings that we never heard of is delivered
 * as if its report came now; whatever else differs is for people.
 *
 * Safe to repeat: captured money has one effect. A provider, or a payment, that can't be compared
 * is among those that failed; the others are compared nevertheless.
 */
export async function compareWithProviders(deps: Deps, since: Date): Promise<ProviderComparison> {
  const findings: Findings = { delivered: [], found: new Map(), items: new Items() };
  for (const gateway of deps.providers.configured)
    await findings.items.deal(gateway.provider, () =>
      compareWith(gateway, { ...deps, since, findings }),
    );
  const disagreements = [...findings.found].map(([kind, ids]) => ({
    kind,
    count: ids.length,
    examples: ids.slice(0, EXAMPLES),
  }));
  return { delivered: findings.delivered, disagreements, failed: findings.items.failed };
}

const EXAMPLES = 5;

interface Findings {
  delivered: string[];
  found: Map<Disagreement['kind'], string[]>;
  items: Items;
}

async function compareWith(
  gateway: PaymentGateway,
  {
    since,
    findings: { delivered, found, items },
    ...deps
  }: Deps & { since: Date; findings: Findings },
): Promise<void> {
  const { db } = deps;
  const { provider } = gateway;
  const note = (kind: Disagreement['kind'] | undefined, id: string) => {
    if (kind !== undefined) found.set(kind, [...(found.get(kind) ?? []), id]);
  };

  const theirIds = new Set<string>();
  for await (const theirs of gateway.listCaptured(since)) {
    const { providerPaymentId } = theirs;
    theirIds.add(providerPaymentId);
    await items.deal(providerPaymentId, async () => {
      const ours = await findProvidersPayment(db, { provider, ...theirs });
      // What was reported too early for the provider to know it is reported once more.
      const isOnRecord = ours !== undefined && ours.status !== 'not_found';
      if (isOnRecord) note(findDifference(ours, theirs), providerPaymentId);
      else if (await deliver(deps, provider, theirs)) delivered.push(providerPaymentId);
      else note('not_on_record', providerPaymentId);
    });
  }
  for (const ours of await listCapturedOnRecord(db, provider, since)) {
    const isListed = ours.providerPaymentId !== null && theirIds.has(ours.providerPaymentId);
    await items.deal(ours.paymentId, async () => {
      if (!isListed && !(await isCapturedThere(gateway, ours)))
        note('not_captured', ours.paymentId);
    });
  }
}

/**
 * How a payment that the provider took differs from our record of it. One that is under way with us
 * explains itself.
 */
export function findDifference(
  ours: PaymentOnRecord,
  { money, refunded }: ProviderPayment,
): Disagreement['kind'] | undefined {
  if (isUnderWay(ours.status)) return undefined;
  if (ours.status !== 'captured') return 'taken_nevertheless';
  if (!isSameMoney(ours.money, money)) return 'other_amount';
  const { refund, refundedByProvider } = ours;
  // What went back without us is seen to once it is on record.
  if (refund === null) return refunded === refundedByProvider ? undefined : 'other_refund';
  // What a person gave back by hand may have gone another way; what is on its way may have arrived
  // and not be noted yet.
  const mustBeBack = refund.status === 'succeeded' && !refund.isSettledByHand;
  const isTooMuch = refunded > refund.amount + refundedByProvider;
  const isTooLittle = mustBeBack && refunded < refund.amount + refundedByProvider;
  return isTooMuch || isTooLittle ? 'other_refund' : undefined;
}

/**
 * Brings the report of a payment that nobody brought; returns false when it names no booking that
 * it could be for.
 */
async function deliver(
  { db, paymentWorkflows }: Deps,
  provider: string,
  { providerPaymentId, bookingId, money }: ProviderPayment,
): Promise<boolean> {
  if (bookingId === null || !isUuid(bookingId)) return false;
  const report = { bookingId, ...money, provider, providerPaymentId };
  await paymentWorkflows.deliver(report, () => findBookingStatus(db, bookingId));
  return true;
}

/** The list goes by when a payment was made: one that is not on it may be from before. */
async function isCapturedThere(
  gateway: PaymentGateway,
  { providerPaymentId }: PaymentOnRecord,
): Promise<boolean> {
  const theirs = providerPaymentId === null ? undefined : await gateway.retrieve(providerPaymentId);
  return theirs?.status === 'captured';
}
