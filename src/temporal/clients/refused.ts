import type { Money } from '../../domain/money';
import type { RefusalCode } from '../../domain/refusal';

/**
 * A workflow refused a message. `detail` is written for its reader and holds no personal data.
 *
 * `validation_failed` means that one of our programs, or an operator, sent something malformed.
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
      /** When the same request may succeed, if waiting helps. */
      retryAt?: Date | undefined;
      /** For `amount_mismatch`: the amount that would have been accepted. */
      expected?: Money | undefined;
    } = {},
  ) {
    super(detail);
    this.retryAt = retryAt;
    this.expected = expected;
  }
}
