import { ApplicationFailure } from '@temporalio/workflow';
import type { RefusalCode } from '../../domain/refusal';

/**
 * Turns a message down. In a validator this leaves no trace in the history, and doesn't use up the
 * update's ID.
 *
 * @throws ApplicationFailure with the refusal's code as its type, and with what else the sender
 * needs as its details.
 */
export function refuse(
  code: RefusalCode | 'validation_failed',
  detail: string,
  ...details: object[]
): never {
  throw ApplicationFailure.nonRetryable(detail, code, ...details);
}
