type Close<T> = (opened: T) => unknown;

/** What was opened, to be closed in the opposite order, whatever becomes of the work in between. */
export class Opened {
  readonly #closing: (() => unknown)[] = [];

  /** Returns what was opened. */
  add<T>(opened: T, close: Close<T>): T {
    this.#closing.push(() => close(opened));
    return opened;
  }

  /** Closes all of it; one that can't be closed keeps none of the others open. */
  async close(): Promise<void> {
    for (const close of this.#closing.toReversed()) {
      try {
        await close();
      } catch (error) {
        console.error(error);
      }
    }
  }
}
