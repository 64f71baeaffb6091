import type { Knex } from 'knex';

/**
 * What the auditor has checked, and what it must look at beside the bookings that have new events.
 *
 * Processes append an event in the transaction of each change of a booking. So `booking_events`
 * already says what changed, and tracking costs a sale nothing. `audit_suspects` names the rest:
 * changes that write no event of a booking, changes by hand, and what violates an invariant.
 *
 * "By hand" is whoever owns the tables, or may do anything. Those triggers are ENABLE ALWAYS: they
 * also fire where `session_replication_role` has switched the rules off. For a process `WHEN` is
 * false, which is decided before anything is queued.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE audit_progress (
      is_only           boolean PRIMARY KEY DEFAULT true CHECK (is_only),
      events_checked_to bigint NOT NULL,
      rows_checked_to   timestamptz NOT NULL,
      whole_checked_at  timestamptz
    );
    COMMENT ON COLUMN audit_progress.events_checked_to IS
      'Bookings with events up to this ID are checked, or are among the suspects.';
    COMMENT ON COLUMN audit_progress.rows_checked_to IS
      'Rows without events, written before this, are checked, or are among the suspects.';
    COMMENT ON COLUMN audit_progress.whole_checked_at IS 'When the last complete check began.';
    -- What was there before is for the first complete check.
    INSERT INTO audit_progress (events_checked_to, rows_checked_to)
      SELECT coalesce(max(id), 0), now() FROM booking_events;

    CREATE TABLE audit_suspects (
      id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      kind     text NOT NULL CHECK (kind IN ('booking', 'payment', 'flight', 'caller',
        'provider_payment', 'provider_refund', 'everything')),
      subject  text NOT NULL,
      noted_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE audit_suspects IS
      'What the next audit must check. A row is deleted once its subject was checked and is clean.';

    -- Its arguments are pairs: what is noted, and the column that names it.
    CREATE FUNCTION note_for_audit() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    DECLARE
      changes integer := 1 + coalesce(
        nullif(current_setting('flight_bookings.noted_for_audit', true), ''), '0')::integer;
      noted text[] := '{}';
      version jsonb;
      what text;
      name text;
    BEGIN
      PERFORM set_config('flight_bookings.noted_for_audit', changes::text, true);
      -- A list of so many would cost more than a complete check.
      IF changes > 10000 THEN
        IF changes = 10001 THEN
          INSERT INTO audit_suspects (kind, subject) VALUES ('everything', TG_TABLE_NAME);
        END IF;
        RETURN NULL;
      END IF;
      FOREACH version IN ARRAY ARRAY[to_jsonb(OLD), to_jsonb(NEW)] LOOP
        CONTINUE WHEN version IS NULL;
        FOR pair IN 0 .. TG_NARGS / 2 - 1 LOOP
          what := TG_ARGV[2 * pair];
          name := version ->> TG_ARGV[2 * pair + 1];
          CASE what
            WHEN 'payment of transaction' THEN
              what := 'payment';
              name := (SELECT t.payment_id FROM ledger_transactions t WHERE t.id = name::uuid);
            WHEN 'payment of provider' THEN
              what := 'payment';
              name := (SELECT p.id FROM payments p WHERE p.provider_payment_id = name
                AND p.provider = coalesce(version ->> 'provider', 'sandbox'));
            WHEN 'payment by key' THEN
              what := 'payment';
              name := substring(name FROM '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$');
            ELSE NULL;
          END CASE;
          CONTINUE WHEN name IS NULL OR what || name = ANY (noted);
          noted := noted || (what || name);
          INSERT INTO audit_suspects (kind, subject) VALUES (what, name);
        END LOOP;
      END LOOP;
      RETURN NULL;
    END $$;

    -- New inventory comes by the hundred thousand seats: one entry for each flight of a statement.
    CREATE FUNCTION note_new_inventory() RETURNS trigger
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    BEGIN
      INSERT INTO audit_suspects (kind, subject) SELECT DISTINCT 'flight', flight_id::text FROM added;
      RETURN NULL;
    END $$;
    CREATE TRIGGER new_seats_are_audited AFTER INSERT ON seats
      REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_new_inventory();
    CREATE TRIGGER new_cabins_are_audited AFTER INSERT ON flight_cabins
      REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_new_inventory();
    ALTER TABLE seats ENABLE ALWAYS TRIGGER new_seats_are_audited;
    ALTER TABLE flight_cabins ENABLE ALWAYS TRIGGER new_cabins_are_audited;

    CREATE TRIGGER refunds_are_audited AFTER INSERT OR UPDATE OR DELETE ON refunds
      FOR EACH ROW EXECUTE FUNCTION note_for_audit('payment', 'payment_id');
    CREATE TRIGGER provider_refunds_are_audited AFTER INSERT OR UPDATE OR DELETE ON provider_refunds
      FOR EACH ROW EXECUTE FUNCTION note_for_audit('payment of provider', 'provider_payment_id');
    CREATE TRIGGER disputes_are_audited AFTER INSERT OR UPDATE OR DELETE ON disputes
      FOR EACH ROW EXECUTE FUNCTION note_for_audit('payment of provider', 'provider_payment_id');
    ALTER TABLE refunds ENABLE ALWAYS TRIGGER refunds_are_audited;
    ALTER TABLE provider_refunds ENABLE ALWAYS TRIGGER provider_refunds_are_audited;
    ALTER TABLE disputes ENABLE ALWAYS TRIGGER disputes_are_audited;
    CREATE TRIGGER payments_without_booking_are_audited AFTER INSERT OR UPDATE ON payments
      FOR EACH ROW WHEN (NEW.booking_id IS NULL) EXECUTE FUNCTION note_for_audit('payment', 'id');

    CREATE INDEX payments_without_booking_by_id ON payments (id) WHERE booking_id IS NULL;
    CREATE INDEX sandbox_refunds_by_payment ON sandbox_provider.refunds (payment_intent_id);
    -- Rows are appended in the order of time: these indexes hold one entry for a hundred pages.
    CREATE INDEX payments_by_age ON payments USING brin (created_at) WITH (autosummarize = on);
    CREATE INDEX idempotency_outcomes_by_age ON idempotency_outcomes
      USING brin (created_at) WITH (autosummarize = on);
    CREATE INDEX sandbox_payments_by_age ON sandbox_provider.payment_intents
      USING brin (created_at) WITH (autosummarize = on);
    CREATE INDEX sandbox_payments_by_capture ON sandbox_provider.payment_intents
      USING brin (captured_at) WITH (autosummarize = on);
    CREATE INDEX sandbox_refunds_by_age ON sandbox_provider.refunds
      USING brin (created_at) WITH (autosummarize = on);
  `);
  for (const [table, { changes = ANY_CHANGE, noted }] of Object.entries(CHANGED_BY_HAND)) {
    const trigger = `${nameOf(table)}_by_hand_are_audited`;
    await knex.raw(`
      DO $$ BEGIN
        EXECUTE format($trigger$
          CREATE TRIGGER ${trigger} AFTER ${changes} ON ${table} FOR EACH ROW
            WHEN (current_user = %L OR current_setting('is_superuser') = 'on')
            EXECUTE FUNCTION note_for_audit(${noted.map((text) => `'${text}'`).join(', ')})$trigger$, current_user);
      END $$;
      ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${trigger};`);
  }
}

const ANY_CHANGE = 'INSERT OR UPDATE OR DELETE';

/**
 * What is noted of each table. Refunds, disputes and a provider's refunds are noted whoever changes
 * them.
 */
const CHANGED_BY_HAND: Record<string, { changes?: string; noted: string[] }> = {
  bookings: { noted: ['booking', 'id', 'caller', 'customer_id'] },
  seats: { changes: 'UPDATE OR DELETE', noted: ['booking', 'booking_id', 'flight', 'flight_id'] },
  flight_cabins: { changes: 'UPDATE OR DELETE', noted: ['flight', 'flight_id'] },
  passengers: { noted: ['booking', 'booking_id'] },
  booking_events: { noted: ['booking', 'booking_id'] },
  payments: { noted: ['payment', 'id', 'booking', 'booking_id', 'caller', 'customer_id'] },
  ledger_transactions: { noted: ['payment', 'payment_id'] },
  ledger_postings: { noted: ['payment of transaction', 'transaction_id'] },
  idempotency_outcomes: { noted: ['caller', 'caller_id'] },
  'sandbox_provider.payment_intents': {
    noted: [
      'provider_payment',
      'id',
      'payment of provider',
      'id',
      'payment by key',
      'idempotency_key',
    ],
  },
  'sandbox_provider.refunds': { noted: ['provider_refund', 'id'] },
};

function nameOf(table: string): string {
  return table.slice(table.indexOf('.') + 1);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    ${Object.keys(CHANGED_BY_HAND)
      .map((table) => `DROP TRIGGER ${nameOf(table)}_by_hand_are_audited ON ${table};`)
      .join('\n')}
    DROP INDEX sandbox_provider.sandbox_refunds_by_age, sandbox_provider.sandbox_payments_by_capture,
      sandbox_provider.sandbox_payments_by_age, sandbox_provider.sandbox_refunds_by_payment,
      idempotency_outcomes_by_age, payments_by_age, payments_without_booking_by_id;
    DROP TRIGGER payments_without_booking_are_audited ON payments;
    DROP TRIGGER disputes_are_audited ON disputes;
    DROP TRIGGER provider_refunds_are_audited ON provider_refunds;
    DROP TRIGGER refunds_are_audited ON refunds;
    DROP TRIGGER new_cabins_are_audited ON flight_cabins;
    DROP TRIGGER new_seats_are_audited ON seats;
    DROP FUNCTION note_new_inventory, note_for_audit;
    DROP TABLE audit_suspects, audit_progress;
  `);
}
