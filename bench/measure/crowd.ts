import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Customer } from './customer';
import type { Market } from './market';
import type { RunningStack } from './running-stack';
import type { Tally } from './tally';
import { buyTrip, StepFailure } from './trip';

/**
 * After so many trips a new customer comes: even a client that is served at once stays below 600
 * requests a minute of one caller.
 */
const TRIPS_PER_CUSTOMER = 50;

/** So that a stack that refuses everything is not asked as fast as it can refuse. */
const PAUSE_AFTER_FAILURE_MS = 200;

/** Customers who buy one trip after the other, so many at once, until they are told to go home. */
export class Crowd {
  private isClosing = false;
  private arrived = 0;
  private readonly name = `bench-${randomUUID().slice(0, 8)}`;
  /** Settles when everyone has gone; fails at once when the market can't go on. */
  readonly gone: Promise<unknown>;

  constructor(
    private readonly stack: RunningStack,
    private readonly market: Market,
    private readonly tally: Tally,
    size: number,
  ) {
    const clients = Array.from({ length: size }, () => this.serveOneAfterAnother());
    this.gone = Promise.all(clients).finally(() => (this.isClosing = true));
  }

  /** Lets everyone finish what they have begun: no seat stays held. */
  async goHome(): Promise<void> {
    this.isClosing = true;
    await this.gone;
  }

  private async serveOneAfterAnother(): Promise<void> {
    while (!this.isClosing) {
      this.arrived += 1;
      const customer = await Customer.arrive(
        this.stack,
        `${this.name}-${this.arrived}`,
        this.arrived,
      );
      await this.serve(customer);
      customer.leave();
    }
  }

  /**
   * A customer who met a failure goes: what they hold unpaid must not stand in the way of their
   * next booking.
   */
  private async serve(customer: Customer): Promise<void> {
    for (let trip = 0; trip < TRIPS_PER_CUSTOMER && !this.isClosing; trip += 1) {
      try {
        await buyTrip(customer, this.market, this.tally);
      } catch (error) {
        if (!(error instanceof StepFailure)) throw error;
        this.tally.countError(error.message);
        await sleep(PAUSE_AFTER_FAILURE_MS);
        return;
      }
    }
  }
}
