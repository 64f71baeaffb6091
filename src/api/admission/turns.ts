import { ConcurrencyLimit, type Slot } from './concurrency-limit';

interface Waiting {
  identity: string;
  letIn: (slot: Slot) => void;
}

/**
 * Work of one kind that takes turns, first come, first served: no more is under way at once than a
 * limit, which adapts to how long the work takes. What waits has not begun. Nothing waits for ever:
 * whoever has waited long enough is let in past the limit.
 */
export class Turns {
  private readonly queue: Waiting[] = [];

  constructor(private readonly limit: ConcurrencyLimit) {}

  /** How many wait for their turn. */
  get waiting(): number {
    return this.queue.length;
  }

  /**
   * Does the work when its turn comes, or at last when the time to wait is over, and returns its
   * result. Work with the identity of some that is under way shares its turn.
   */
  async take<T>(
    { identity, withinMs }: { identity: string; withinMs: number },
    work: () => Promise<T>,
  ): Promise<T> {
    const slot = this.limit.acquire(identity) ?? (await this.nextSlot(identity, withinMs));
    try {
      return await work();
    } finally {
      this.limit.release(slot, { isSample: true });
      this.letIn();
    }
  }

  /** Each slot is given out, and each waiting ended, at one moment: none gets lost. */
  private nextSlot(identity: string, withinMs: number): Promise<Slot> {
    return new Promise((resolve) => {
      const waiting: Waiting = {
        identity,
        letIn: (slot) => {
          clearTimeout(patience);
          resolve(slot);
        },
      };
      const patience = setTimeout(() => {
        this.queue.splice(this.queue.indexOf(waiting), 1);
        resolve(this.limit.reacquire(identity));
      }, withinMs);
      this.queue.push(waiting);
    });
  }

  private letIn(): void {
    for (let next = this.queue[0]; next !== undefined; next = this.queue[0]) {
      const slot = this.limit.acquire(next.identity);
      if (slot === undefined) return;
      this.queue.shift();
      next.letIn(slot);
    }
  }
}

/** As many clients as keep two cores busy. More cores make reservations quick, and the limit rises. */
const LEAST_RESERVATIONS = 8;

const OBJECTIVE_MS = 1_000;

/**
 * Returns the turns of reservations. Those past what Temporal and the workers can do in a second
 * wait here, where they cost nothing, and payments of those who have their seats overtake them.
 */
export function createReservationTurns(): Turns {
  return new Turns(new ConcurrencyLimit({ objectiveMs: OBJECTIVE_MS, least: LEAST_RESERVATIONS }));
}
