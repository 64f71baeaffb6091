import { randomUUID } from 'node:crypto';
import type { Db } from '../../src/db/connection';

/** Faults of the books that no transaction of ours could commit, and the invariants they violate. */

/** What the faults are planted in. */
export interface Ids {
  held: string;
  sold: string;
  cancelled: string;
  /** The payment that has gone back for the cancelled one. */
  refunded: string;
}

/** What each is, the invariant that it violates, and how it is planted. */
export const FAULTS: [string, string, (trx: Db, ids: Ids) => Promise<unknown>][] = [
  [
    'a seat that vanished',
    'held + sold + free seats = capacity',
    (trx) => trx('seats').where({ state: 'free', seat_number: '2F' }).delete(),
  ],
  [
    'a seat held for a booking that is paid for',
    'a held seat belongs to a pending booking, a sold one to a booked one',
    (trx, { sold }) => trx('seats').where({ booking_id: sold }).update({ state: 'held' }),
  ],
  [
    'a seat whose owner is no booking',
    'a held seat belongs to a pending booking, a sold one to a booked one',
    (trx, { held }) =>
      trx('seats').where({ booking_id: held }).update({ booking_id: randomUUID() }),
  ],
  [
    'a hold without its seat',
    'a pending or booked booking owns as many seats as it has seated passengers',
    (trx, { held }) =>
      trx('seats').where({ booking_id: held }).update({ state: 'free', booking_id: null }),
  ],
  [
    'a passenger in a seat that is not theirs',
    'passengers sit in the seats of their booking',
    (trx, { sold }) => trx('passengers').where({ booking_id: sold }).update({ seat_number: '99A' }),
  ],
  [
    'a booked booking that nobody paid for',
    'a booked booking has exactly one applied capture, of its price',
    (trx, { sold }) => trx('payments').where({ booking_id: sold }).update({ applied: false }),
  ],
  [
    'an applied payment of a booking that is not booked',
    'an applied capture pays for a booking that is booked, or was',
    (trx, { sold, held }) =>
      trx('payments').where({ booking_id: sold }).update({ booking_id: held }),
  ],
  [
    'captured money that is neither applied nor owed back',
    'every capture that is not applied has a refund of all of it',
    (trx, { sold }) => trx('payments').where({ booking_id: sold }).update({ applied: false }),
  ],
  [
    'a capture that was never posted',
    'every capture is posted, and balances',
    (trx) => trx('ledger_postings').delete(),
  ],
  [
    'a capture posted with another amount',
    'every capture is posted, and balances',
    (trx) => trx('ledger_postings').where('amount', '>', 0).increment('amount', 1),
  ],
  [
    'money at the provider that we know nothing of',
    "the sandbox provider's captures are ours, a payment under way explaining any other",
    (trx) =>
      trx.raw(
        `INSERT INTO sandbox_provider.payment_intents (id, idempotency_key, amount, currency, payment_method, status)
         VALUES ('spi_stray', 'stray', 1, 'USD', 'pm_card_visa', 'captured')`,
      ),
  ],
  [
    'a capture of ours that the provider knows nothing of',
    "our captures of the sandbox provider's are in its books",
    (trx) => trx.raw('DELETE FROM sandbox_provider.payment_intents'),
  ],
  [
    'a cancelled booking whose money nobody has split',
    'what a cancelled booking was paid is split into what goes back and what is kept',
    (trx, { refunded }) =>
      trx('ledger_transactions').where({ payment_id: refunded, kind: 'cancellation' }).delete(),
  ],
  [
    'a cancelled booking of which more goes back than was owed',
    'what a cancelled booking was paid is split into what goes back and what is kept',
    (trx, { refunded }) => trx('refunds').where({ payment_id: refunded }).increment('amount', 1),
  ],
  [
    'a fee kept although an operator cancelled',
    'an operator who cancels gives all of it back',
    (trx, { cancelled }) =>
      trx('bookings').where({ id: cancelled }).update({ cancellation_reason: 'operator_request' }),
  ],
  [
    'money going back for a booking that is booked',
    'nothing of a booked booking goes back',
    (trx, { cancelled }) =>
      trx('bookings')
        .where({ id: cancelled })
        .update({ status: 'booked', cancellation_reason: null }),
  ],
  [
    'a refund that was never posted',
    'every refund that succeeded is posted, and balances',
    (trx, { refunded }) =>
      trx('ledger_transactions').where({ payment_id: refunded, kind: 'refund' }).delete(),
  ],
  [
    'a refund posted with another amount',
    'every refund that succeeded is posted, and balances',
    (trx, { refunded }) =>
      trx.raw(
        `UPDATE ledger_postings SET amount = amount * 2 WHERE transaction_id IN (
           SELECT id FROM ledger_transactions WHERE payment_id = ? AND kind = 'refund')`,
        [refunded],
      ),
  ],
  [
    'a debt that no refund pays',
    'what the ledger says that we owe is what the open refunds say',
    (trx, { refunded }) =>
      trx('ledger_transactions').where({ payment_id: refunded, kind: 'refund' }).delete(),
  ],
  [
    'a refund of a debt that is paid',
    'what the ledger says that we owe is what the open refunds say',
    (trx, { refunded }) =>
      trx('refunds').where({ payment_id: refunded }).update({ status: 'pending' }),
  ],
  [
    'money that the provider gave back without us',
    "the sandbox provider's refunds are ours, a pending one explaining any other",
    (trx, { sold }) =>
      trx.raw(
        `INSERT INTO sandbox_provider.refunds (id, idempotency_key, payment_intent_id, amount)
         SELECT 'sre_stray', 'stray', 'spi_' || id, 1 FROM payments WHERE booking_id = ?`,
        [sold],
      ),
  ],
  [
    'more money given back by the provider than we asked for',
    "the sandbox provider's refunds are ours, a pending one explaining any other",
    (trx) => trx.raw('UPDATE sandbox_provider.refunds SET amount = amount + 1'),
  ],
  [
    'a refund that the provider made under another ID than we noted',
    "the sandbox provider's refunds are ours, a pending one explaining any other",
    (trx, { refunded }) =>
      trx('refunds').where({ payment_id: refunded }).update({ provider_refund_id: 'sre_other' }),
  ],
  [
    'a payment left authorized on a booking that was cancelled long ago',
    'a settled booking keeps no payment under way for long, unless a person is to look into it',
    async (trx, { cancelled, sold }) => {
      await trx('payments').where({ booking_id: sold }).update({
        booking_id: cancelled,
        status: 'authorized',
        applied: false,
        captured_at: null,
      });
      const occurredAt = new Date(Date.now() - 3 * 60 * 60_000);
      await trx('booking_events')
        .where({ booking_id: cancelled })
        .update({ occurred_at: occurredAt });
    },
  ],
  [
    'a hold long past its deadline',
    'a hold ends within two seconds of its deadline, unless a payment is under way',
    (trx, { held }) =>
      trx('bookings')
        .where({ id: held })
        .update({ payment_required_by: new Date(Date.now() - 3_000) }),
  ],
  [
    'an answer whose booking is gone',
    'nothing that was answered with success is lost',
    (trx, { held }) => trx('bookings').where({ id: held }).delete(),
  ],
  [
    'a booking that nothing is told of',
    'every booking tells its history',
    (trx, { held }) => trx('booking_events').where({ booking_id: held }).delete(),
  ],
];

/** Does what no transaction of ours could: PostgreSQL's own rules are off meanwhile. */
export async function breakTheBooks(db: Db, fault: (trx: Db) => Promise<unknown>): Promise<void> {
  await db.transaction(async (trx) => {
    await trx.raw('SET LOCAL session_replication_role = replica');
    await fault(trx);
  });
}
