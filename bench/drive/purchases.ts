import type { Shop } from './customer';
import { OpenLoop } from './open-loop';
import { isSuccess, Replies } from './replies';
import { anyOf, create, pay, type Created } from './requests';
import type { Times } from './times';
import { Visitors } from './visitors';

/** Purchases in an open loop at a rate that a system can serve: all of them should succeed. */
export class Purchases {
  readonly create = new Replies();
  readonly pay = new Replies();
  sold = 0;
  private readonly loop = new OpenLoop();
  private readonly visitors: Visitors;

  constructor(private readonly shop: Shop) {
    this.visitors = new Visitors(shop);
  }

  /**
   * Begins purchases on a schedule, and settles when all of them have ended. `noteRequest` is told
   * of each request at its end, and when it was due.
   */
  async run(
    perSecond: number,
    duration: { seconds: number; until?: AbortSignal },
    noteRequest: (from: number) => void = () => undefined,
  ): Promise<void> {
    await this.loop.run(perSecond, duration, async (dueAt) => {
      const customer = await this.visitors.next();
      const flightId = anyOf(this.shop.flights);
      const created = await this.create.note(dueAt, () => create(customer, flightId));
      noteRequest(dueAt);
      if (created === undefined || !isSuccess(created)) return;
      const from = performance.now();
      const paid = await this.pay.note(from, () => pay(customer, created.body as Created));
      noteRequest(from);
      if (paid === undefined || !isSuccess(paid)) return;
      this.sold += 1;
      this.visitors.comeAgain(customer);
    });
    await this.loop.settle();
    this.visitors.leave();
  }

  get lateness(): Times {
    return this.loop.lateness;
  }

  /** What went wrong, each with how often. */
  get faults(): string[] {
    return (['create', 'pay'] as const).flatMap((kind) => {
      const { others, refused } = this[kind];
      const refusals = refused.latency.count;
      return [
        ...[...others].map(([code, count]) => `${kind}: ${code}: ${count}`),
        ...(refusals === 0 ? [] : [`${kind}: refused: ${refusals}`]),
      ];
    });
  }
}
