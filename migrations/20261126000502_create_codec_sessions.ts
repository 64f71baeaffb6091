import type { Knex } from 'knex';

/**
 * Sessions in which an operator's browser may read encrypted payloads. Each begins as a code, which is exchanged once for the session itself. The API alone
 * writes this table. Of code and session only digests are kept: who reads the table can use neither.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE codec_sessions (
      code_hash          text PRIMARY KEY,
      session_hash       text UNIQUE,
      operator           text NOT NULL,
      code_expires_at    timestamptz NOT NULL,
      session_expires_at timestamptz NOT NULL,
      created_at         timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON COLUMN codec_sessions.session_hash IS 'Null until the code is exchanged.';
    CREATE INDEX codec_sessions_by_end ON codec_sessions (session_expires_at);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE codec_sessions');
}
