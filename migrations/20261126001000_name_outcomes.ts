import type { Knex } from 'knex';

/**
 * An outcome says what was decided (`kind`), not the HTTP status that tells it: the API maps kinds
 * to statuses.
 *
 * This is the expanding half. The release before this one runs beside the new one, and may be made
 * the current one again; it inserts rows without `kind` and reads `status_code`. So a trigger fills
 * whichever of the two a writer leaves out, and both releases read every row.
 *
 * Rows from before are not rewritten: most are never read again, and a rewrite of millions would
 * hold its lock for minutes. `kind_of_outcome` derives their kind when one is read. Each statement
 * here changes the catalogue alone. The check is `NOT VALID`, as it holds for new rows only.
 *
 * The contracting half belongs in a release after that, when no build is left that reads
 * `status_code`: it fills `kind` of old rows in batches, makes it `NOT NULL`, and drops
 * `status_code`, the trigger and both functions.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    ALTER TABLE idempotency_outcomes
      ADD COLUMN kind text,
      ADD CONSTRAINT idempotency_outcomes_kind CHECK (kind IS NOT NULL AND (
        route = 'bookings' AND kind IN ('booking_created', 'booking_refused', 'hold_limit_reached')
        OR route = 'payments' AND kind IN ('payment_captured', 'payment_declined'))) NOT VALID,
      ALTER COLUMN status_code DROP NOT NULL;
    COMMENT ON COLUMN idempotency_outcomes.kind IS
      'What was decided. Null in rows from before it existed: read kind_of_outcome then.';
    COMMENT ON COLUMN idempotency_outcomes.status_code IS
      'For the release before kind existed, filled by a trigger. Read and written by nothing else.';

    CREATE FUNCTION kind_of_outcome(outcome idempotency_outcomes) RETURNS text
      LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
      SELECT COALESCE(outcome.kind, CASE
        WHEN outcome.status_code IS NULL THEN NULL
        WHEN outcome.route = 'bookings' AND outcome.status_code = 429 THEN 'hold_limit_reached'
        WHEN outcome.route = 'bookings' AND outcome.status_code >= 400 THEN 'booking_refused'
        WHEN outcome.route = 'bookings' THEN 'booking_created'
        WHEN outcome.status_code >= 400 THEN 'payment_declined'
        ELSE 'payment_captured'
      END)
    $$;

    CREATE FUNCTION complete_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      -- The release before changes a status; this one changes a kind.
      IF TG_OP = 'UPDATE' AND NEW.status_code IS DISTINCT FROM OLD.status_code
          AND NEW.kind IS NOT DISTINCT FROM OLD.kind THEN
        NEW.kind := NULL;
      END IF;
      NEW.kind := kind_of_outcome(NEW);
      NEW.status_code := CASE NEW.kind
        WHEN 'booking_refused' THEN 409
        WHEN 'hold_limit_reached' THEN 429
        WHEN 'payment_declined' THEN 402
        ELSE 201
      END;
      RETURN NEW;
    END $$;
    CREATE TRIGGER outcomes_have_kind_and_status BEFORE INSERT OR UPDATE ON idempotency_outcomes
      FOR EACH ROW EXECUTE FUNCTION complete_outcome();
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER outcomes_have_kind_and_status ON idempotency_outcomes;
    DROP FUNCTION complete_outcome, kind_of_outcome;
    COMMENT ON COLUMN idempotency_outcomes.status_code IS NULL;
    ALTER TABLE idempotency_outcomes DROP COLUMN kind, ALTER COLUMN status_code SET NOT NULL;
  `);
}
