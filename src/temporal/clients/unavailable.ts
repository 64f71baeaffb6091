/**
 * Temporal, or the worker behind it, gave no result in time: the same request may be made again.
 */
export class Unavailable extends Error {
  override name = 'Unavailable';
  readonly code = 'service_unavailable';

  constructor(readonly detail: string) {
    super(detail);
  }
}

/**
 * Returns the error for a result that did not come.
 *
 * `detail` claims only what is certain. If work may have begun it says that the outcome is not
 * known yet, and how to learn it.
 */
export function unavailable(detail: string): Unavailable {
  return new Unavailable(detail);
}
