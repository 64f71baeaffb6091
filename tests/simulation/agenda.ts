/** What is to happen when, in virtual time; of one moment, in the order in which it was entered. */
export class Agenda {
  private readonly entries: { at: number; happens: () => void }[] = [];

  constructor(private readonly clock: { now: number }) {}

  /** Enters something, for now at the earliest. */
  at(at: number, happens: () => void): void {
    const due = Math.max(at, this.clock.now);
    let [from, to] = [0, this.entries.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.entries[middle]?.at ?? 0) <= due) from = middle + 1;
      else to = middle;
    }
    this.entries.splice(from, 0, { at: due, happens });
  }

  /** When the next is due; undefined when nothing is left. */
  get nextAt(): number | undefined {
    return this.entries[0]?.at;
  }

  /** Lets happen what is due by then, and makes it that late. */
  letHappen(until: number): void {
    for (
      let next = this.entries[0];
      next !== undefined && next.at <= until;
      next = this.entries[0]
    ) {
      this.entries.shift();
      this.clock.now = Math.max(this.clock.now, next.at);
      next.happens();
    }
    this.clock.now = Math.max(this.clock.now, until);
  }
}
