import type { Stuck } from '../../src/operations/stuck/case';
import type { Violation } from '../../src/temporal/contracts/reconciliation';
import type { Customers, Sale } from './customers';
import type { Drill } from './drill';

/**
 * Compares what customers were told with what they read now, and with the provider's own books, and
 * has the auditor check everything. Notes what differs.
 */
export async function judge(
  drill: Drill,
  customers: Customers,
  judged: readonly Sale[],
): Promise<void> {
  const { findings } = drill;
  const kept = await moneyKept(drill);
  for (const sale of judged) {
    const booking = await customers.read(sale);
    const flightId = booking?.flight.id;
    const now = `${booking?.status ?? 'not there'}, ${booking?.reference ?? '-'}, ${String(kept.get(sale.bookingId) ?? 0)} kept`;
    const then = `${sale.told}, ${sale.reference}, ${String(sale.keeps)} kept`;
    if (now !== then) findings.push(`${sale.what} (${sale.bookingId}): ${now}, not ${then}`);
    if (booking !== undefined && booking.status !== 'cancelled' && flightId !== sale.flightId)
      findings.push(
        `${sale.what} (${sale.bookingId}): on ${flightId ?? '-'}, not ${sale.flightId}`,
      );
  }
  const { stdout, stderr } = await drill.stack.flights('audit', '--full', '--json');
  const { violations } = parsed(stdout, stderr) as { violations: Violation[] };
  for (const { invariant, count, examples } of violations)
    if (!isExplained(drill, count, examples))
      findings.push(`${count} × ${invariant} (${examples.join(', ')})`);
  const stuck = await drill.stack.flights('stuck', '--json');
  for (const { kind, what, detail } of parsed(stuck.stdout, stuck.stderr) as Stuck[])
    findings.push(`stuck: ${kind}, ${what}, ${detail}`);
}

function isExplained({ stack }: Drill, count: number, examples: readonly string[]): boolean {
  return count === examples.length && examples.every((id) => stack.explained.has(id));
}

/** What is left with us of each booking's money, by the books of the provider and of the bank. */
async function moneyKept({ stack }: Drill): Promise<Map<string, number>> {
  const rows = await stack.rows<{ booking_id: string; kept: string }>(
    `SELECT booking_id, sum(amount) AS kept FROM (
       SELECT booking_id, amount FROM sandbox_provider.payment_intents WHERE status = 'captured'
       UNION ALL SELECT i.booking_id, -r.amount FROM sandbox_provider.refunds r
         JOIN sandbox_provider.payment_intents i ON i.id = r.payment_intent_id
       UNION ALL SELECT CAST(booking_id AS text), amount FROM payments
         WHERE provider = 'bank' AND status = 'captured') m
     GROUP BY booking_id`,
  );
  return new Map(rows.map(({ booking_id: id, kept }) => [id, Number(kept)]));
}

function parsed(stdout: string, stderr: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(stderr || stdout);
  }
}
