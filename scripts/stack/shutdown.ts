import { describeError } from './failure';
import type { Supervised } from './supervised';

/**
 * npm and the terminal may both pass on one Ctrl-C: what comes this soon after the first is no
 * second wish.
 */
const SAME_WISH_MS = 1_000;

/** The parts that have been started, in that order, and the one way to end them all. */
export class Shutdown {
  readonly parts: Supervised[] = [];
  readonly #hurry = new AbortController();
  #begunAt: number | undefined;

  get begun(): boolean {
    return this.#begunAt !== undefined;
  }

  /**
   * On a signal, or when npm is gone: ends every part and then this process, with exit code 0. A
   * second signal hastens it.
   */
  whenAsked(): void {
    const asked = () => {
      if (this.#begunAt === undefined) {
        console.log('\nStopping (a second Ctrl-C hastens it)');
        void this.endProcess(0);
      } else if (Date.now() - this.#begunAt > SAME_WISH_MS) this.#hurry.abort();
    };
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, asked);
    // When npm is killed, the one who started us believes that we are gone.
    const parent = process.ppid;
    if (process.env.npm_lifecycle_event === undefined) return;
    setInterval(() => {
      if (process.ppid !== parent && !this.begun) asked();
    }, 1_000).unref();
  }

  /** Ends the parts, the last one started first, then this process. Never comes back. */
  async endProcess(exitCode: number): Promise<never> {
    this.#begunAt ??= Date.now();
    await this.endParts();
    process.exit(exitCode);
  }

  /** Ends the parts alone. Others may be started afterwards. */
  async endParts(): Promise<void> {
    for (const part of this.parts.toReversed()) {
      await part.stop(this.#hurry.signal).catch((error: unknown) => {
        console.error(describeError(error));
        part.kill();
      });
      this.parts.splice(this.parts.indexOf(part), 1);
    }
  }
}
