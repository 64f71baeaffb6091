import { ApplicationFailure } from '@temporalio/workflow';
import type { RefusalCode } from '../../domain/refusal';

/**
 * Turns a message down. In a validator this leaves no trace in the history, and doesn't use up the update's ID.
 *
 * @throws ApplicationFailure with the refusal's code as its type.
 */
export function refuse(code: RefusalCode | 'validation_failed', detail: string): never {
  throw ApplicationFailure.nonRetryable(detail, code);
}
