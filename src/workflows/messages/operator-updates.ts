import type { CancellationRequest } from '../../temporal/contracts/booking';
import type { Settlement } from '../../temporal/contracts/refund';
import type { Retry } from '../../temporal/contracts/retries';
import type { ScheduleChangeAcceptance } from '../../temporal/contracts/schedule-change';
import { UPDATE_EXAMPLES, type OperatorUpdate } from '../../temporal/contracts/update-examples';
import { refuse } from './refuse';
import { fieldsOf, isRefundAmount, isText, isUuid } from './shapes';

/**
 * Checks the arguments of updates that operators send by hand, from the UI's form or a terminal. A
 * refusal names each field that is missing or wrong, and gives an example of a right argument.
 */

/** What a field must be, in words and as a check. */
interface Field {
  must: string;
  is: (value: unknown) => boolean;
  isOptional?: boolean;
}

const TEXT: Field = { must: 'text of 1 to 255 characters on one line', is: isText };
const OPTIONAL_TEXT: Field = { ...TEXT, isOptional: true };

const CANCELLATION: Record<keyof CancellationRequest, Field> = {
  requestedBy: TEXT,
  asOperator: { must: 'true or false', is: (value) => typeof value === 'boolean' },
  reason: OPTIONAL_TEXT,
  note: OPTIONAL_TEXT,
  expectedRefund: { must: '{ amount, currency }', is: isRefundAmount, isOptional: true },
};
const ACCEPTANCE: Record<keyof ScheduleChangeAcceptance, Field> = {
  requestedBy: TEXT,
  asOperator: { must: 'true or false', is: (value) => typeof value === 'boolean' },
  scheduleChangeId: { must: 'a UUID', is: isUuid, isOptional: true },
};
const RETRY: Record<keyof Retry, Field> = { requestedBy: TEXT, note: TEXT };
const SETTLEMENT: Record<keyof Settlement, Field> = { settledBy: TEXT, note: TEXT };

/**
 * An operator's cancellation also says why, to the booking's owner (`reason`) or to staff (`note`).
 *
 * @throws ApplicationFailure `validation_failed`: a malformed update is rejected and leaves no
 * event in the history.
 */
export function requireCancellation(cancellation: CancellationRequest): void {
  requireFields('cancelBooking', cancellation, CANCELLATION);
  const { asOperator, reason, note } = cancellation;
  if (asOperator && reason === undefined && note === undefined)
    reject('cancelBooking', CANCELLATION, [
      'Missing: reason (which the booking’s owner can read) or note (for staff).',
    ]);
}

/** @throws ApplicationFailure `validation_failed`, as above. */
export function requireAcceptance(acceptance: ScheduleChangeAcceptance): void {
  requireFields('acceptScheduleChange', acceptance, ACCEPTANCE);
}

/** @throws ApplicationFailure `validation_failed`, as above. */
export function requireSettlement(settlement: Settlement): void {
  requireFields('settleRefund', settlement, SETTLEMENT);
}

/** @throws ApplicationFailure `validation_failed`, as above. */
export function requireRetry(update: 'retryPayment' | 'retryRefund', retry: Retry): void {
  requireFields(update, retry, RETRY);
}

function requireFields(
  update: OperatorUpdate,
  argument: unknown,
  fields: Record<string, Field>,
): void {
  const given = fieldsOf(argument);
  const missing: string[] = [];
  const wrong: string[] = [];
  for (const [name, { must, is, isOptional = false }] of Object.entries(fields)) {
    if (given[name] === undefined) {
      if (!isOptional) missing.push(name);
    } else if (!is(given[name])) wrong.push(`${name} must be ${must}.`);
  }
  if (missing.length + wrong.length === 0) return;
  reject(update, fields, [
    ...(missing.length === 0 ? [] : [`Missing: ${missing.join(', ')}.`]),
    ...wrong,
  ]);
}

function reject(update: OperatorUpdate, fields: Record<string, Field>, faults: string[]): never {
  const names = Object.entries(fields).map(([name, { isOptional }]) =>
    isOptional === true ? `${name}?` : name,
  );
  const example = JSON.stringify(UPDATE_EXAMPLES[update]);
  refuse(
    'validation_failed',
    [`${update} takes { ${names.join(', ')} }.`, ...faults, `Example: ${example}`].join(' '),
  );
}
