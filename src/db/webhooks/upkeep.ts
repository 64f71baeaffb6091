import type { Db } from '../connection';
import type { SecretCipher } from './secret-cipher';

/** How long an owner can look at deliveries, in days. */
const KEPT_DAYS = 30;

/** Rows that one statement deletes: it takes a fraction of a second. */
const BATCH = 1_000;

/** Deletes old deliveries, at most a batch of them. Safe to repeat. */
export async function deleteOldDeliveries(db: Db): Promise<void> {
  await db.raw(
    `DELETE FROM webhook_deliveries WHERE id IN (
       SELECT id FROM webhook_deliveries
       WHERE created_at < now() - make_interval(days => ?) AND status <> 'pending' LIMIT ?)`,
    [KEPT_DAYS, BATCH],
  );
}

/**
 * Encrypts secrets with the key in use now that are encrypted with another one: after a rotation the
 * old key is needed no more. Returns how many endpoints it changed. Safe to repeat, and while an
 * owner replaces a secret: that one stays.
 */
export async function resealSecrets(db: Db, cipher: SecretCipher): Promise<number> {
  const rows = await db('webhook_endpoints').select('id', 'secret', 'previous_secret');
  const isOld = (sealed: string | null) => sealed !== null && !cipher.isCurrent(sealed);
  const old = rows.filter((row) => isOld(row.secret) || isOld(row.previous_secret));
  let changed = 0;
  for (const { id, secret, previous_secret: previous } of old) {
    const reseal = (sealed: string) => cipher.seal(id, cipher.open(id, sealed));
    changed += await db('webhook_endpoints')
      .where({ id, secret })
      .update({ secret: reseal(secret), previous_secret: previous && reseal(previous) });
  }
  return changed;
}
