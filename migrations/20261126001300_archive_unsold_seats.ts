import type { Knex } from 'knex';

/**
 * Seats that nobody bought leave `seats` after their flight has left: one row of this table for
 * each cabin takes the place of a hundred rows and of their entries in three indexes. So `seats`
 * grows with what is sold, not with what is flown.
 *
 * A process may remove a seat only in the statement that archives it, and only of a flight that has
 * left. The owner of the tables may still delete a flight by hand.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE unsold_seats (
      flight_id    uuid NOT NULL,
      cabin        text NOT NULL,
      seat_numbers text[] NOT NULL CHECK (cardinality(seat_numbers) > 0),
      PRIMARY KEY (flight_id, cabin),
      FOREIGN KEY (flight_id, cabin) REFERENCES flight_cabins
    );
    COMMENT ON TABLE unsold_seats IS
      'Seats that were free when their flight left. They have no rows in seats any more.';

    CREATE FUNCTION keep_unarchived_seats() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM 1 FROM removed r JOIN flights f ON f.id = r.flight_id
        LEFT JOIN unsold_seats u ON u.flight_id = r.flight_id AND u.cabin = r.cabin
        WHERE f.departure_at > now() OR (r.seat_number = ANY (u.seat_numbers)) IS NOT TRUE;
      IF FOUND THEN
        RAISE EXCEPTION 'a seat is removed only when its flight has left and it is archived'
          USING ERRCODE = 'restrict_violation';
      END IF;
      RETURN NULL;
    END $$;

    DO $$ BEGIN
      EXECUTE format($trigger$
        CREATE TRIGGER removed_seats_are_archived AFTER DELETE ON seats
          REFERENCING OLD TABLE AS removed FOR EACH STATEMENT
          WHEN (NOT (current_user = %L OR current_setting('is_superuser') = 'on'))
          EXECUTE FUNCTION keep_unarchived_seats()$trigger$, current_user);
      EXECUTE format($trigger$
        CREATE TRIGGER unsold_seats_by_hand_are_audited AFTER INSERT OR UPDATE OR DELETE
          ON unsold_seats FOR EACH ROW
          WHEN (current_user = %L OR current_setting('is_superuser') = 'on')
          EXECUTE FUNCTION note_for_audit('flight', 'flight_id')$trigger$, current_user);
    END $$;
    ALTER TABLE unsold_seats ENABLE ALWAYS TRIGGER unsold_seats_by_hand_are_audited;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER removed_seats_are_archived ON seats;
    INSERT INTO seats (flight_id, seat_number, row_number, cabin)
      SELECT u.flight_id, seat_number, substring(seat_number FROM '^[0-9]+')::smallint, u.cabin
      FROM unsold_seats u CROSS JOIN unnest(u.seat_numbers) AS seat_number;
    DROP TABLE unsold_seats;
    DROP FUNCTION keep_unarchived_seats;
  `);
}
