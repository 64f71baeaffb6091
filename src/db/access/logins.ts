import type { Db } from '../connection';
import { namedLock } from '../named-lock';
import { run } from '../statement';
import type { DatabaseRole } from './access';

/** Name of the lock under which users are created, one at a time in a database. */
const SIGNING_UP = 'flight_bookings/logins';
const LOCK_LOGINS = namedLock('lock_logins');

/**
 * Creates the user that a process connects as, with the user name and password of its URL, and adds
 * it to the process's role. An existing user gets the password and the role.
 *
 * Safe to repeat. The user gets nothing beyond its role. One that had more keeps it, which is why
 * the user of the migrations is refused.
 *
 * @throws Error when the URL names no user, no password, or the user that is connected.
 */
export async function ensureLogin(db: Db, role: DatabaseRole, url: string): Promise<void> {
  const { username, password } = new URL(url);
  const [user, secret] = [decodeURIComponent(username), decodeURIComponent(password)];
  if (user === '' || secret === '') throw new Error(`The URL for ${role} lacks user or password.`);
  await db.transaction(async (trx) => {
    await run(trx, LOCK_LOGINS, [SIGNING_UP]);
    const { rows } = await trx.raw<{ rows: [{ isMe: boolean; isThere: boolean }] }>(
      `SELECT current_user = :user AS "isMe",
         EXISTS (SELECT FROM pg_roles WHERE rolname = :user) AS "isThere"`,
      { user },
    );
    const [{ isMe, isThere }] = rows;
    if (isMe) throw new Error(`The URL for ${role} names ${user}, who owns the tables.`);
    // Statements about roles take no parameters: PostgreSQL itself quotes what goes into them.
    const { rows: statements } = await trx.raw<{ rows: { statement: string }[] }>(
      `SELECT format(CAST(:template AS text), CAST(:user AS text), CAST(:secret AS text)) AS statement
       UNION ALL SELECT format('GRANT %I TO %I', CAST(:role AS text), CAST(:user AS text))`,
      { template: isThere ? CHANGE_USER : MAKE_USER, user, secret, role },
    );
    for (const { statement } of statements)
      await trx.raw(statement.replaceAll('?', String.raw`\?`));
  });
}

const MAKE_USER = 'CREATE ROLE %I LOGIN PASSWORD %L';
const CHANGE_USER = 'ALTER ROLE %I LOGIN PASSWORD %L';
