import { ApplicationFailure, DefaultFailureConverter, type ProtoFailure } from '@temporalio/common';
import { REFUSAL_CODES } from '../../domain/refusal';

/** The codes of what is turned down by a rule of the trade, or for its shape. */
const TOLD_IN_CLEAR: readonly string[] = [...REFUSAL_CODES, 'validation_failed'];

/**
 * Makes messages and stack traces of failures part of what is encrypted; their types, which the API
 * and workflows go by, stay in clear. So do the words of refusals: they name nobody, and must be
 * read where nothing is decoded, as in the form of Temporal's UI that sends an update.
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
