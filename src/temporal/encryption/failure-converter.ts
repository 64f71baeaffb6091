import { ApplicationFailure, DefaultFailureConverter, type ProtoFailure } from '@temporalio/common';
import { REFUSAL_CODES } from '../../domain/refusal';

/** The codes of refusals: by a rule, or because of the message's shape. */
const TOLD_IN_CLEAR: readonly string[] = [...REFUSAL_CODES, 'validation_failed'];

/**
 * Encrypts messages and stack traces of failures. Their types stay in clear, since the API and
 * workflows depend on them. So do the texts of refusals: they name nobody. They must be readable
 * where nothing is decoded, as in the form of Temporal's UI that sends an update.
 */
class ConverterOfFailures extends DefaultFailureConverter {
  override errorToFailure(
    ...[error, converter, context]: Parameters<DefaultFailureConverter['errorToFailure']>
  ): ProtoFailure {
    const failure = super.errorToFailure(error, converter, context);
    if (!isRefusal(error)) return failure;
    const { encodedAttributes: _, ...inClear } = failure;
    return { ...inClear, message: error.message };
  }
}

function isRefusal(error: unknown): error is ApplicationFailure {
  return (
    error instanceof ApplicationFailure &&
    error.nonRetryable === true &&
    TOLD_IN_CLEAR.includes(error.type ?? '')
  );
}

/** Workers load it into the workflows' sandbox, too. */
export const failureConverter = new ConverterOfFailures({ encodeCommonAttributes: true });
