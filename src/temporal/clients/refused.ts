import type { RefusalCode } from '../../domain/refusal';

/**
 * A workflow turned a message down. `detail` is written for its reader and holds no personal data.
 *
 * `validation_failed` is for what only a program of ours, or an operator, can have sent wrong.
 */
export class Refused extends Error {
  override name = 'Refused';

  constructor(
    readonly code: RefusalCode | 'validation_failed',
    readonly detail: string,
    /** From when on the same request may succeed, where waiting helps. */
    readonly retryAt?: Date,
  ) {
    super(detail);
  }
}
