import { setTimeout as sleep } from 'node:timers/promises';
import { Times } from './times';

/**
 * Open loop: work begins on a schedule, whatever becomes of the work before. The gaps between two
 * beginnings are random, as independent customers make them (a Poisson process).
 */
export class OpenLoop {
  /** How late work began: the benchmark itself was slow then. */
  readonly lateness = new Times();
  begun = 0;
  private readonly underWay = new Set<Promise<void>>();
  private failure: Error | undefined;

  /**
   * Begins so much work a second for as long as it is to last. Settles when the last of it has
   * begun. `begin` gets the time when its work was due, of `performance.now()`.
   */
  async run(
    perSecond: number,
    { seconds, until }: { seconds: number; until?: AbortSignal },
    begin: (dueAt: number) => Promise<void>,
  ): Promise<void> {
    let dueAt = performance.now();
    const endsAt = dueAt + seconds * 1000;
    for (;;) {
      dueAt += (-Math.log(1 - Math.random()) / perSecond) * 1000;
      if (dueAt >= endsAt || until?.aborted) return;
      const waitMs = dueAt - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      this.lateness.noteSince(dueAt);
      this.begun += 1;
      this.follow(begin(dueAt));
    }
  }

  /** Settles when all that has begun has ended. @throws what work threw. */
  async settle(): Promise<void> {
    await Promise.all(this.underWay);
    if (this.failure !== undefined) throw this.failure;
  }

  private follow(work: Promise<void>): void {
    const followed = work
      .catch((error: unknown) => {
        this.failure ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => this.underWay.delete(followed));
    this.underWay.add(followed);
  }
}
