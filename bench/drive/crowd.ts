import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Customer, type Shop } from './customer';
import { buySeat, StepFailure } from './purchase';
import type { Tally } from './tally';

/**
 * After so many purchases a new customer comes: even a client that is served at once stays below
 * 600 requests a minute of one caller.
 */
const PURCHASES_PER_CUSTOMER = 50;

/** So that a system that refuses everything is not asked as fast as it can refuse. */
const PAUSE_AFTER_FAILURE_MS = 200;

/** Customers of one process have different numbers, whichever crowd they are in. */
let arrived = 0;

/** What a customer does time and again. */
export type Errand = (customer: Customer, shop: Shop, tally: Tally) => Promise<void>;

/**
 * Closed loop: so many customers at once, each of whom buys one seat after another, or does another
 * errand, until they are told to stop.
 */
export class Crowd {
  private isClosing = false;
  private readonly name = `bench-${randomUUID().slice(0, 8)}`;
  /** Settles when everyone has gone. */
  private readonly gone: Promise<unknown>;

  constructor(
    private readonly shop: Shop,
    private readonly tally: Tally,
    size: number,
    private readonly errand: Errand = buySeat,
  ) {
    this.gone = Promise.all(Array.from({ length: size }, () => this.serveOneAfterAnother()));
    // What went wrong is thrown by `goHome`.
    this.gone.catch(() => undefined);
  }

  /** Lets everyone finish what they have begun: no seat stays held. */
  async goHome(): Promise<void> {
    this.isClosing = true;
    await this.gone;
  }

  private async serveOneAfterAnother(): Promise<void> {
    while (!this.isClosing) {
      arrived += 1;
      const customer = await Customer.arrive(this.shop, `${this.name}-${arrived}`, arrived);
      await this.serve(customer);
      customer.leave();
    }
  }

  /**
   * A customer who met a failure goes: what they hold unpaid must not stand in the way of their
   * next booking.
   */
  private async serve(customer: Customer): Promise<void> {
    for (let trip = 0; trip < PURCHASES_PER_CUSTOMER && !this.isClosing; trip += 1) {
      try {
        await this.errand(customer, this.shop, this.tally);
      } catch (error) {
        if (!(error instanceof StepFailure)) throw error;
        this.tally.countError(error.message);
        await sleep(PAUSE_AFTER_FAILURE_MS);
        return;
      }
    }
  }
}
