import { validate as isUuid } from 'uuid';
import { findBookingStatus } from '../db/bookings/booking-view';
import { isDatabaseAway, type Db } from '../db/connection';
import {
  findProvidersPayment,
  findProvidersPayments,
  pageCapturedOnRecord,
  type PaymentOnRecord,
} from '../db/payments/record-view';
import { isSameMoney } from '../domain/money';
import { isUnderWay } from '../domain/payment';
import type { PaymentGateway, ProviderPayment } from '../payments/gateway';
import type { Disagreement } from '../temporal/contracts/reconciliation';
import { inChunks } from './chunks';
import type { ActivityDependencies } from './dependencies';
import { Items, type ItemFailure } from './items';

type Deps = Pick<ActivityDependencies, 'db' | 'providers' | 'paymentWorkflows'>;

export interface ProviderComparison {
  /** The provider's IDs of payments whose report had never come, and is delivered now. */
  delivered: string[];
  /** Other differences, which need an operator. */
  disagreements: Disagreement[];
  /** Payments that could not be compared; the others have been. */
  failed: ItemFailure[];
}

/**
 * Compares the money that each configured provider says it took since then with our records, in
 * both directions. A payment for one of our bookings that was never reported is delivered as if its
 * report came now. Other differences need an operator.
 *
 * Safe to repeat: captured money has one effect. A provider, or a payment, that can't be compared
 * is returned as failed; the others are still compared.
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
  for await (const chunk of inChunks(gateway.listCaptured(since), COMPARED_AT_ONCE)) {
    const known = await findAll(db, provider, chunk);
    for (const theirs of chunk) {
      const { providerPaymentId } = theirs;
      theirIds.add(providerPaymentId);
      await items.deal(providerPaymentId, async () => {
        const ours = await (known === undefined
          ? findProvidersPayment(db, { provider, ...theirs })
          : known.get(providerPaymentId));
        // A payment that was reported before its provider knew it is reported once more.
        const isOnRecord = ours !== undefined && ours.status !== 'not_found';
        if (isOnRecord) note(findDifference(ours, theirs), providerPaymentId);
        else if (await deliver(deps, provider, theirs)) delivered.push(providerPaymentId);
        else note('not_on_record', providerPaymentId);
      });
    }
  }
  for await (const page of pageCapturedOnRecord(db, provider, since))
    for (const ours of page) {
      const isListed = ours.providerPaymentId !== null && theirIds.has(ours.providerPaymentId);
      if (!isListed)
        await items.deal(ours.paymentId, async () => {
          if (!(await isCapturedThere(gateway, ours))) note('not_captured', ours.paymentId);
        });
    }
}

/** Enough that a look-up costs little for each; one statement still takes milliseconds. */
const COMPARED_AT_ONCE = 200;

/**
 * Reads our records of these payments at once; undefined when one of them can't be read, and each
 * must be read alone.
 */
async function findAll(
  db: Db,
  provider: string,
  payments: readonly ProviderPayment[],
): Promise<Map<string, PaymentOnRecord> | undefined> {
  try {
    return await findProvidersPayments(db, provider, payments);
  } catch (error) {
    if (isDatabaseAway(error)) throw error;
    return undefined;
  }
}

/**
 * Returns how a payment that the provider took differs from our record. None is returned for one
 * that is under way with us, since its outcome is still to come.
 */
export function findDifference(
  ours: PaymentOnRecord,
  { money, refunded }: ProviderPayment,
): Disagreement['kind'] | undefined {
  if (isUnderWay(ours.status)) return undefined;
  if (ours.status !== 'captured') return 'taken_nevertheless';
  if (!isSameMoney(ours.money, money)) return 'other_amount';
  const { refund, refundedByProvider } = ours;
  // A refund by the provider alone is handled once it is on record.
  if (refund === null) return refunded === refundedByProvider ? undefined : 'other_refund';
  // Money that an operator returned by hand may have gone another way. A refund under way may have
  // arrived and not be recorded yet.
  const mustBeBack = refund.status === 'succeeded' && !refund.isSettledByHand;
  const isTooMuch = refunded > refund.amount + refundedByProvider;
  const isTooLittle = mustBeBack && refunded < refund.amount + refundedByProvider;
  return isTooMuch || isTooLittle ? 'other_refund' : undefined;
}

/** Delivers a payment that was never reported. Returns false when it names no possible booking. */
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

/**
 * Whether the provider has captured a payment that is not on its list. The list goes by creation
 * time, so the payment may be older.
 */
async function isCapturedThere(
  gateway: PaymentGateway,
  { providerPaymentId }: Pick<PaymentOnRecord, 'providerPaymentId'>,
): Promise<boolean> {
  const theirs = providerPaymentId === null ? undefined : await gateway.retrieve(providerPaymentId);
  return theirs?.status === 'captured';
}
