/**
 * Undoes the steps of a story that failed, in reverse. A step's undo is registered before the step:
 * one that failed, or whose result was lost, may still have taken effect.
 */
export class Saga {
  private readonly undo: (() => Promise<unknown>)[] = [];

  onFailure(undo: () => Promise<unknown>): void {
    this.undo.unshift(undo);
  }

  /**
   * Each undo is retried until it succeeds. One that gives up, because a provider is silent, has
   * handed over to a workflow of its own.
   */
  async compensate(): Promise<void> {
    for (const undo of this.undo) await undo();
  }
}
