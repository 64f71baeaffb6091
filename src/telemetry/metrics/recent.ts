/**
 * The latest events by key: enough to recognize a repetition. The oldest are dropped, so that it
 * doesn't grow.
 */
export class Recent<Value> {
  private readonly entries = new Map<string, Value>();

  constructor(private readonly limit: number) {}

  get(key: string): Value | undefined {
    return this.entries.get(key);
  }

  /** Stores a value. Returns false, and keeps the first value, when the key has one. */
  note(key: string, value: Value): boolean {
    if (this.entries.has(key)) return false;
    this.entries.set(key, value);
    const [oldest] = this.entries.keys();
    if (this.entries.size > this.limit && oldest !== undefined) this.entries.delete(oldest);
    return true;
  }
}
