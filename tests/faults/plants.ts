import type { CheckName } from './checker/judge';

/** A safeguard of the product that is taken out, to see that the checker notices. */
export interface Plant {
  /** What then happens, as a customer would say it. */
  what: string;
  file: string;
  /** Stands there once; the rule of plants.test.ts. */
  original: string;
  planted: string;
  /** The check that finds it. */
  foundBy: CheckName;
}

export const PLANTS: Record<string, Plant> = {
  'same-request': {
    what: 'a key gives its outcome to another request, too',
    file: 'src/api/outcomes.ts',
    original: "if (outcome.kind !== 'erased') requireSameRequest(outcome, fingerprint);",
    planted: 'void [requireSameRequest, fingerprint];',
    foundBy: 'replays',
  },
  'provider-key': {
    what: 'a charge that is tried again is another charge to the provider',
    file: 'src/payments/sandbox/gateway.ts',
    original: 'idempotency_key: paymentId,',
    planted: 'idempotency_key: `${paymentId}/${Date.now()}`,',
    foundBy: 'money',
  },
  'refund-asked': {
    what: 'a refund counts as made, and the provider was never asked',
    file: 'src/payments/sandbox/gateway.ts',
    original:
      'refundIntent(db, { key: refundId, intentId: providerPaymentId, amount, explained }),',
    planted:
      "Promise.resolve({ status: 'succeeded', providerRefundId: `sre_${refundIntent.name}${amount}-${explained.length}-${refundId}` }),",
    foundBy: 'money',
  },
  outbox: {
    what: 'a sale writes no event for the shop that hears of it',
    file: 'migrations/20261126002000_record_outgoing_events.ts',
    original: "WHEN (NEW.type IN ('seats_held', 'booked', 'seats_refused',",
    planted: "WHEN (NEW.type IN ('seats_held', 'seats_refused',",
    foundBy: 'events',
  },
  deadline: {
    what: 'a hold ends five seconds before its deadline',
    file: 'src/workflows/booking/state-machine.ts',
    original: `const leftMs = () => this.deadline - Date.now();
    const payment`,
    planted: `const leftMs = () => this.deadline - Date.now() - 5_000;
    const payment`,
    foundBy: 'deadlines',
  },
  'chosen-seat': {
    what: 'the seat that a passenger chooses is theirs on paper, and stays on sale',
    file: 'src/db/passengers/choose-seats.ts',
    original: `await changeOwner(trx, released, { state: 'free', bookingId: null });
  await changeOwner(trx, taken, { state: status === 'booked' ? 'sold' : 'held', bookingId });`,
    planted: 'void [changeOwner, status];',
    foundBy: 'seat-ownership',
  },
  'corrected-name': {
    what: 'a correction of a name is acknowledged, and gone',
    file: 'src/db/passengers/correct-name.ts',
    original: `return amendOnce(trx, 'passengers', { bookingId, request }, () =>
      rename(trx, booking, request, at),
    );`,
    planted: `const passenger = requirePassenger(booking, request.passengerId);
    const told = await amendOnce(trx, 'passengers', { bookingId, request }, () =>
      rename(trx, booking, request, at),
    );
    await trx('passengers')
      .where({ booking_id: bookingId, position: passenger.position })
      .update({ given_name: passenger.given_name, family_name: passenger.family_name });
    return told;`,
    foundBy: 'acknowledged',
  },
};
