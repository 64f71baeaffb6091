import { createHash, randomBytes } from 'node:crypto';
import type { Db } from '../connection';

/** Lifetime of a link that was just made for an operator who is waiting to follow it. */
const CODE_LIVES_SECONDS = 60;

/** As large as an AES-256 key: too long to be guessed. */
const SECRET_BYTES = 32;

/**
 * Makes a code that opens one session of an operator, once, within a minute. Only its digest is
 * stored. Also deletes sessions and codes that have expired.
 *
 * Not idempotent: each call makes another code. A code that nobody has seen does no harm and
 * expires.
 */
export async function makeSessionCode(
  db: Db,
  { operator, sessionExpiresAt }: { operator: string; sessionExpiresAt: Date },
): Promise<{ code: string; expiresAt: Date }> {
  await db.raw(`
    DELETE FROM codec_sessions
    WHERE session_expires_at < now() OR (session_hash IS NULL AND code_expires_at < now())`);
  const code = makeSecret();
  const { rows } = await db.raw<{ rows: [{ code_expires_at: Date }] }>(
    `INSERT INTO codec_sessions (code_hash, operator, code_expires_at, session_expires_at)
     VALUES (?, ?, now() + make_interval(secs => ?), ?)
     RETURNING code_expires_at`,
    [digestOf(code), operator, CODE_LIVES_SECONDS, sessionExpiresAt],
  );
  return { code, expiresAt: rows[0].code_expires_at };
}

/**
 * Exchanges a code for its session. Returns undefined for a code that was used, has expired, or
 * never existed.
 *
 * If two exchanges run at once, one gets the session: the update of its row decides.
 */
export async function openSession(db: Db, code: string): Promise<string | undefined> {
  const session = makeSecret();
  const { rows } = await db.raw<{ rows: unknown[] }>(
    `UPDATE codec_sessions SET session_hash = ?
     WHERE code_hash = ? AND session_hash IS NULL AND code_expires_at > now() AND session_expires_at > now()
     RETURNING operator`,
    [digestOf(session), digestOf(code)],
  );
  return rows.length === 1 ? session : undefined;
}

/** Returns the operator of a session; undefined when it has ended or never existed. */
export async function findSessionOperator(db: Db, session: string): Promise<string | undefined> {
  const row = await db('codec_sessions')
    .where({ session_hash: digestOf(session) })
    .where('session_expires_at', '>', db.fn.now())
    .first('operator');
  return row?.operator;
}

function makeSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** A plain digest is enough: nobody can try all secrets of this length. */
function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
