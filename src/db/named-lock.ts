import { statement, type Statement } from './statement';

/**
 * Declares a statement that locks the name `$1` until the transaction ends, for one transaction at a
 * time. Names are hashed, so two of them may share a lock, which only makes one wait for the other.
 *
 * A statement that reads what the lock guards must come after it: a statement sees what was
 * committed before it began.
 */
export function namedLock(statementName: string): Statement<object, [name: string]> {
  return statement(statementName, 'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))');
}
