import type { Db } from '../connection';
import { nextAnswers, rangeOf } from './answers';
import type { KeyedKind } from './checks/check';
import type { Findings, Suspect } from './findings';
import { inSnapshot, type Snapshot } from './snapshot';

/** Checks subjects of any kind, in one snapshot. Returns what violates an invariant. */
export async function checkSubjects(
  db: Db,
  findings: Findings,
  subjects: readonly Suspect[],
): Promise<Suspect[]> {
  const ofKind = (wanted: Suspect['kind']) => [
    ...new Set(subjects.filter(({ kind }) => kind === wanted).map(({ subject }) => subject)),
  ];
  return inSnapshot(db, findings, async (snapshot) => {
    const { bookings, payments } = await readSales(snapshot, ofKind('booking'), ofKind('payment'));
    const batches: Record<KeyedKind, string[]> = {
      booking: bookings,
      payment: payments,
      flight: ofKind('flight'),
      provider_payment: ofKind('provider_payment'),
      provider_refund: ofKind('provider_refund'),
    };
    const violators: Suspect[] = [];
    for (const [kind, ids] of Object.entries(batches))
      if (ids.length > 0) violators.push(...(await snapshot.check(kind as KeyedKind, { ids })));
    for (const caller of ofKind('caller'))
      violators.push(...(await checkAnswersOf(snapshot, caller)));
    return violators;
  });
}

/** Adds the payments of bookings, and the bookings of payments: invariants relate them. */
async function readSales(
  { trx }: Snapshot,
  bookings: string[],
  payments: string[],
): Promise<{ bookings: string[]; payments: string[] }> {
  const { rows } = await trx.raw<{ rows: { id: string; booking_id: string | null }[] }>(
    `SELECT id, booking_id FROM payments WHERE booking_id = ANY (CAST(:bookings AS uuid[]))
     UNION SELECT id, booking_id FROM payments WHERE id = ANY (CAST(:payments AS uuid[]))`,
    { bookings, payments },
  );
  const ofPayments = rows.flatMap(({ booking_id }) => booking_id ?? []);
  return {
    bookings: [...new Set([...bookings, ...ofPayments])],
    // One that is gone is looked for at the provider, too.
    payments: [...new Set([...payments, ...rows.map(({ id }) => id)])],
  };
}

async function checkAnswersOf(snapshot: Snapshot, caller: string): Promise<Suspect[]> {
  const violators: Suspect[] = [];
  let after = [caller, '', ''];
  for (;;) {
    const last = await nextAnswers(snapshot.trx, after, caller);
    if (last === null) return violators;
    violators.push(...(await snapshot.check('answers', rangeOf(after, last))));
    after = last;
  }
}
