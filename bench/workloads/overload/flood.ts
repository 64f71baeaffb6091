import { randomUUID } from 'node:crypto';
import { SEARCHES_PER_PURCHASE } from '../../drive/browse';
import type { Answer, Shop } from '../../drive/customer';
import { OpenLoop } from '../../drive/open-loop';
import { isSuccess, Replies } from '../../drive/replies';
import { anyOf, createAndWait, pay, search, type Created, type Route } from '../../drive/requests';
import { Visitors } from '../../drive/visitors';

export const KINDS = ['create', 'pay', 'search'] as const;

export type Kind = (typeof KINDS)[number];

type Counts = Record<Kind, number>;

/**
 * Creates and searches that come on a schedule; what is reserved is paid for at once. Whoever is
 * told that their booking is being made waits for it. Nobody tries again.
 */
export class Flood {
  readonly replies = { create: new Replies(), pay: new Replies(), search: new Replies() };
  readonly begun: Counts = { create: 0, pay: 0, search: 0 };
  /** Served while requests were still coming. */
  servedInTime: Counts = { create: 0, pay: 0, search: 0 };
  /** Keys of creates that were refused without a word of a booking. */
  readonly refusedKeys: string[] = [];
  /** Creates that were refused with the ID of a booking. */
  refusedWithBooking = 0;
  sold = 0;
  private readonly creates = new OpenLoop();
  private readonly searches = new OpenLoop();
  private readonly buyers: Visitors;
  private readonly searchers: Visitors;

  constructor(
    private readonly shop: Shop,
    private readonly routes: readonly Route[],
  ) {
    this.buyers = new Visitors(shop);
    this.searchers = new Visitors(shop);
  }

  /** Sends requests for a time. Settles when the last one has left, whatever has come back. */
  async send(purchasesPerSecond: number, seconds: number): Promise<void> {
    const searchesPerSecond = purchasesPerSecond * SEARCHES_PER_PURCHASE;
    await Promise.all([
      this.creates.run(purchasesPerSecond, { seconds }, (dueAt) => this.buy(dueAt)),
      this.searches.run(searchesPerSecond, { seconds }, (dueAt) => this.look(dueAt)),
    ]);
    const served = (kind: Kind) => this.replies[kind].served.latency.count;
    this.servedInTime = { create: served('create'), pay: served('pay'), search: served('search') };
  }

  /** Settles when the last response has come. */
  async settle(): Promise<void> {
    await Promise.all([this.creates.settle(), this.searches.settle()]);
    this.buyers.leave();
    this.searchers.leave();
  }

  /** How late the benchmark itself was with its requests, in milliseconds. */
  get latenessP99Ms(): number {
    return Math.max(this.creates.lateness.latency.p99Ms, this.searches.lateness.latency.p99Ms);
  }

  private async buy(dueAt: number): Promise<void> {
    const [customer, key] = [await this.buyers.next(), randomUUID()];
    this.begun.create += 1;
    const created = await this.replies.create.note(dueAt, () =>
      createAndWait(customer, anyOf(this.shop.flights), key),
    );
    if (created === undefined) return;
    if (!isSuccess(created)) {
      this.noteRefusal(key, created);
      return;
    }
    this.begun.pay += 1;
    const paid = await this.replies.pay.note(performance.now(), () =>
      pay(customer, created.body as Created),
    );
    if (paid === undefined || !isSuccess(paid)) return;
    this.sold += 1;
    this.buyers.comeAgain(customer);
  }

  private noteRefusal(key: string, { status, body }: Answer): void {
    if (status !== 503) return;
    const { bookingId } = (body ?? {}) as { bookingId?: unknown };
    if (typeof bookingId === 'string') this.refusedWithBooking += 1;
    else this.refusedKeys.push(key);
  }

  private async look(dueAt: number): Promise<void> {
    const customer = await this.searchers.next();
    this.begun.search += 1;
    await this.replies.search.note(dueAt, () => search(customer, anyOf(this.routes)));
    this.searchers.comeAgain(customer);
  }
}
