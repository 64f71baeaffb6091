import type { Money } from '../../domain/money';
import type { RefusalCode } from '../../domain/refusal';

/**
 * A workflow turned a message down. `detail` is written for its reader and holds no personal data.
 *
 * `validation_failed` is for what only a program of ours, or an operator, can have sent wrong.
 */
export class Refused extends Error {
  override name = 'Refused';
  readonly retryAt: Date | undefined;
  readonly expected: Money | undefined;

  constructor(
    readonly code: RefusalCode | 'validation_failed',
    readonly detail: string,
    {
      retryAt,
      expected,
    }: {
      /** From when on the same request may succeed, where waiting helps. */
      retryAt?: Date | undefined;
      /** What would have been accepted, of `amount_mismatch`. */
      expected?: Money | undefined;
    } = {},
  ) {
    super(detail);
    this.retryAt = retryAt;
    this.expected = expected;
  }
}
