import type { Db } from '../connection';

/** How deliveries to all endpoints stand, for metrics. */
export interface WebhookStanding {
  enabled: number;
  /** Enabled ones whose latest attempts failed. */
  failing: number;
  /** Disabled after three days of failures. */
  disabledAsFailing: number;
  /** Events that no delivery was created for yet. */
  eventsWaiting: number;
  /** Age of the oldest of these, in seconds. */
  oldestEventSeconds: number;
}

/** Many times what it takes; a scrape need not wait longer. */
const TIMEOUT_MS = 2_000;

/** Counts endpoints and waiting events. Reads no delivery. */
export async function readWebhookStanding(db: Db): Promise<WebhookStanding> {
  const { rows } = await db
    .raw<{ rows: [WebhookStanding] }>(
      `SELECT count(*) FILTER (WHERE status = 'enabled') AS enabled,
         count(*) FILTER (WHERE status = 'enabled' AND failing_since IS NOT NULL) AS failing,
         count(*) FILTER (WHERE disabled_because = 'failing') AS "disabledAsFailing",
         (SELECT count(*) FROM outgoing_events WHERE webhooks_due) AS "eventsWaiting",
         (SELECT coalesce(CAST(extract(epoch FROM now() - min(occurred_at)) AS float8), 0)
          FROM outgoing_events WHERE webhooks_due) AS "oldestEventSeconds"
       FROM webhook_endpoints`,
    )
    .timeout(TIMEOUT_MS);
  return rows[0];
}
