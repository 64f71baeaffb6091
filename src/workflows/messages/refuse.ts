import { ApplicationFailure } from '@temporalio/workflow';
import type { RefusalCode } from '../../domain/refusal';

/**
 * Refuses a message. In a validator this leaves no event in the history, and the update's ID can be
 * used again.
 *
 * @throws ApplicationFailure with the refusal's code as its type. Its details are what else the
 * sender needs.
 */
export function refuse(
  code: RefusalCode | 'validation_failed',
  detail: string,
  ...details: object[]
): never {
  throw ApplicationFailure.nonRetryable(detail, code, ...details);
}
