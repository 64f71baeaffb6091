import type { paths } from './schema.ts';

type WriteMethod = 'post' | 'put' | 'patch' | 'delete';

/** Every operation that writes, such as `POST /api/v1/bookings`. */
type Write = {
  [Path in keyof paths]: {
    [Method in WriteMethod]: paths[Path] extends Record<Method, { responses: unknown }>
      ? `${Uppercase<Method>} ${Path}`
      : never;
  }[WriteMethod];
}[keyof paths];

/**
 * Whether an operation may be sent again when it is not known whether it took effect.
 *
 * `by_key`: by its idempotency key. `as_it_is`: a second time changes nothing that matters. `once`:
 * it may not.
 */
export type Repeat = 'by_key' | 'as_it_is' | 'once';

/** A new operation that writes doesn't compile until it is here. */
const REPEATS: Record<Write, Repeat> = {
  'POST /api/v1/bookings': 'by_key',
  'POST /api/v1/bookings/payments': 'by_key',
  'POST /api/v1/bookings/{id}/changes': 'by_key',
  'POST /api/v1/bookings/{id}/seats': 'by_key',
  'PATCH /api/v1/bookings/{id}/passengers/{passengerId}': 'by_key',
  'POST /api/v1/flights/{id}/schedule-changes': 'by_key',
  'POST /api/v1/webhook-endpoints': 'by_key',
  // A cancelled booking is answered as it is, and accepted times stay accepted.
  'POST /api/v1/bookings/{id}/cancel': 'as_it_is',
  'POST /api/v1/bookings/{id}/schedule-change/accept': 'as_it_is',
  // These hold nothing: a read with a body, and quotes that expire.
  'POST /api/v1/bookings/search': 'as_it_is',
  'POST /api/v1/bookings/{id}/change-quotes': 'as_it_is',
  // Says what the endpoint is to be, not what to add to it.
  'PATCH /api/v1/webhook-endpoints/{id}': 'as_it_is',
  'DELETE /api/v1/webhook-endpoints/{id}': 'as_it_is',
  // Receivers expect an event more than once.
  'POST /api/v1/webhook-endpoints/{id}/ping': 'as_it_is',
  'POST /api/v1/webhook-endpoints/{id}/deliveries/{deliveryId}/redeliver': 'as_it_is',
  // The provider is asked by the payment's own ID, however often.
  'POST /api/v1/bookings/{id}/operations/retry-payment': 'as_it_is',
  'POST /api/v1/bookings/{id}/operations/retry-refund': 'as_it_is',
  // A refund is settled once; a second time it is no longer open.
  'POST /api/v1/bookings/{id}/operations/settle-refund': 'as_it_is',
  // Unique by the provider's own ID.
  'POST /api/v1/payment-events': 'as_it_is',
  'POST /api/v1/webhooks/stripe': 'as_it_is',
  // A second time it would end the secret that the receiver still has.
  'POST /api/v1/webhook-endpoints/{id}/rotate-secret': 'once',
};

/** Those whose 202 is no outcome yet: the same request with the same key gets it. */
const UNDECIDED: readonly string[] = [
  'POST /api/v1/bookings',
  'POST /api/v1/bookings/payments',
  'POST /api/v1/bookings/{id}/changes',
] satisfies Write[];

/** Returns how an operation may be sent again; what only reads, as it is. */
export function repeatOf(method: string, path: string): Repeat {
  const write = `${method} ${path}`;
  return Object.hasOwn(REPEATS, write) ? REPEATS[write as Write] : 'as_it_is';
}

/** Returns whether a 202 to this operation says that its outcome is still to come. */
export function mayBeUndecided(method: string, path: string): boolean {
  return UNDECIDED.includes(`${method} ${path}`);
}
