import type { FreshDelivery } from '../db/webhooks/fan-out';
import type { Booking } from '../domain/booking';
import { AT_ONCE, type AttemptDelivery } from './webhook-attempts';

/** Of all endpoints together: receivers that are slow leave places to others. */
const MOST_AT_ONCE = 40;

/**
 * Attempts at deliveries that were just created, beside each other. They are made in the process
 * that has taken the events, so that an event of a receiver that works costs Temporal nothing.
 */
export class FirstAttempts {
  readonly #sending = new Map<string, Set<Promise<void>>>();
  #failure: { error: unknown } | undefined;

  /** `onRetried` hears of the endpoints that get an event again later. */
  constructor(
    private readonly attempt: AttemptDelivery,
    private readonly onRetried: (endpointId: string) => Promise<void>,
  ) {}

  /**
   * Begins as many attempts as there are places for, with what was read of their bookings. Returns
   * the deliveries that have no place.
   */
  begin(
    deliveries: readonly FreshDelivery[],
    bookings: ReadonlyMap<string, Booking>,
  ): FreshDelivery[] {
    return deliveries.filter((one) => {
      const { id: endpointId } = one.receiver;
      const ofEndpoint = this.#sending.get(endpointId) ?? new Set();
      if (ofEndpoint.size >= AT_ONCE || this.#size >= MOST_AT_ONCE) return true;
      const sent = this.#send(one, bookings.get(one.bookingId)).finally(() => {
        ofEndpoint.delete(sent);
        if (ofEndpoint.size === 0) this.#sending.delete(endpointId);
      });
      this.#sending.set(endpointId, ofEndpoint.add(sent));
      return false;
    });
  }

  /** @throws what an attempt has failed of, if any has: not the receiver, but our own servers. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Fulfilled once all of them have been made. */
  async settled(): Promise<void> {
    await Promise.all([...this.#sending.values()].flatMap((ofEndpoint) => [...ofEndpoint]));
  }

  get isSending(): boolean {
    return this.#size > 0;
  }

  get #size(): number {
    return [...this.#sending.values()].reduce((sum, { size }) => sum + size, 0);
  }

  async #send({ receiver, delivery }: FreshDelivery, booking: Booking | undefined): Promise<void> {
    try {
      const { isRetried } = await this.attempt(receiver, delivery, booking);
      if (isRetried) await this.onRetried(receiver.id);
    } catch (error) {
      this.#failure ??= { error };
    }
  }
}
