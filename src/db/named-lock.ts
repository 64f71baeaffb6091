import { statement, type Statement } from './statement';

/**
 * Declares a statement that locks the name `$1` until the transaction ends, for one transaction at a
 * time. Names are hashed, so two of them may share a lock, which only makes one wait for the other.
 *
 * A statement that reads what the lock guards must come after it: a statement sees what was
 * committed before it began.
 */
export function namedLock(statementName: string): Statement<object, [name: string]> {
  return statement(statementName, `SELECT ${lockSql('$1')}`);
}

/** The same within a larger statement, for an SQL expression of the name. Null locks nothing. */
export function lockSql(name: string): string {
  return `pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
}

/** The same for many transactions at a time, as long as none has locked the name for itself. */
export function sharedLockSql(name: string): string {
  return `pg_advisory_xact_lock_shared(hashtextextended(${name}, 0))`;
}
