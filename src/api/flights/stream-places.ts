import { Problem, unavailable } from '../problem';

/** Each takes a connection and some 20 kB; most connections are left to those who book. */
const MAX_STREAMS = 400;

/** An office behind one address, or someone with many tabs. */
const MAX_STREAMS_PER_CLIENT = 20;

/** Counts the streams that are open in this process, and bounds them: in all, and by client. */
export class StreamPlaces {
  readonly #open = new Map<string, number>();
  #total = 0;

  /** How many streams are open. */
  get total(): number {
    return this.#total;
  }

  /**
   * Takes a place for a client's stream. Returns how to give it back, which may be called twice.
   *
   * @throws Problem `rate_limited` when the client has too many, `service_unavailable` when all
   * clients together have.
   */
  take(client: string): () => void {
    const open = this.#open.get(client) ?? 0;
    if (open >= MAX_STREAMS_PER_CLIENT)
      throw new Problem('rate_limited', 'You have too many streams open: close one of them.', {
        retryAfterSeconds: 10,
      });
    if (this.#total >= MAX_STREAMS) throw unavailable('Too many streams are open.');
    this.#count(client, 1);
    let isTaken = true;
    return () => {
      if (isTaken) this.#count(client, -1);
      isTaken = false;
    };
  }

  #count(client: string, difference: number): void {
    const open = (this.#open.get(client) ?? 0) + difference;
    if (open === 0) this.#open.delete(client);
    else this.#open.set(client, open);
    this.#total += difference;
  }
}
