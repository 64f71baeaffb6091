import type { Knex } from 'knex';

/**
 * Deliveries to webhook endpoints: a row is one attempt to send an event, or a ping, to an endpoint.
 * An attempt that failed and is followed by another is `retrying`; `failed` is the last one.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE webhook_deliveries (
      id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      endpoint_id     uuid NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
      event_id        uuid REFERENCES outgoing_events,
      attempt         smallint NOT NULL DEFAULT 1 CHECK (attempt > 0),
      status          text NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'succeeded', 'retrying', 'failed')),
      due_at          timestamptz NOT NULL DEFAULT now(),
      first_due_at    timestamptz NOT NULL DEFAULT now(),
      sent_at         timestamptz,
      duration_ms     integer CHECK (duration_ms >= 0),
      response_status smallint CHECK (response_status BETWEEN 100 AND 999),
      error           text CHECK (error IN ('http_status', 'redirect', 'timeout', 'connection_failed',
        'host_not_found', 'address_not_allowed', 'endpoint_disabled')),
      created_at      timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
      CHECK ((status IN ('pending', 'succeeded')) = (error IS NULL)),
      CHECK ((status = 'pending' OR error = 'endpoint_disabled') = (sent_at IS NULL)),
      CHECK ((sent_at IS NULL) = (duration_ms IS NULL))
    );
    CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (endpoint_id, due_at)
      WHERE status = 'pending';
    CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (endpoint_id, created_at, id);
    -- Rows are appended in the order of time.
    CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries
      USING brin (created_at) WITH (autosummarize = on);
    COMMENT ON COLUMN webhook_deliveries.event_id IS 'What is sent; null for a ping.';
    COMMENT ON COLUMN webhook_deliveries.first_due_at IS
      'When the first attempt of this event was due. They end 72 hours later.';
    COMMENT ON COLUMN webhook_deliveries.error IS 'Why the attempt failed; never what was answered.';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE webhook_deliveries');
}
