/**
 * A value that is set once, for any number of message handlers that wait for it.
 *
 * Unlike `condition`, it is not evaluated again after each activation, and Temporal's Cancel does
 * not end the waiting. It costs one promise.
 */
export class SettledOnce<Value> {
  /** Resolves to the value. Never rejects. */
  readonly promise: Promise<Value>;
  /** Sets the value. A later one is ignored. */
  readonly set: (value: Value) => void;

  constructor() {
    let resolve: (value: Value) => void = () => undefined;
    this.promise = new Promise<Value>((set) => {
      resolve = set;
    });
    this.set = resolve;
  }
}
