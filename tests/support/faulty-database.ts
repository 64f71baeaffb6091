import { connect, WAITS_OF_READERS, type Db } from '../../src/db/connection';

/**
 * Conditions that PostgreSQL reports when it can't do something now, and could at another time:
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export const NOT_NOW = {
  '08000': 'connection_exception',
  '08003': 'connection_does_not_exist',
  '08006': 'connection_failure',
  '08001': 'sqlclient_unable_to_establish_sqlconnection',
  '08004': 'sqlserver_rejected_establishment_of_sqlconnection',
  '25006': 'read_only_sql_transaction',
  '25P03': 'idle_in_transaction_session_timeout',
  '25P04': 'transaction_timeout',
  '40001': 'serialization_failure',
  '40003': 'statement_completion_unknown',
  '40P01': 'deadlock_detected',
  '53000': 'insufficient_resources',
  '53100': 'disk_full',
  '53200': 'out_of_memory',
  '53300': 'too_many_connections',
  '53400': 'configuration_limit_exceeded',
  '55006': 'object_in_use',
  '55P03': 'lock_not_available',
  '57014': 'query_canceled',
  '57P01': 'admin_shutdown',
  '57P02': 'crash_shutdown',
  '57P03': 'cannot_connect_now',
  '57P05': 'idle_session_timeout',
};

/**
 * Opens a second way into a database on which every table can be made to fail as PostgreSQL does:
 * the state is raised by the server, in whichever statement comes to the table first.
 */
export async function openFaultyWayInto({ db, databaseUrl }: { db: Db; databaseUrl: string }) {
  const { rows } = await db.raw<{ rows: { name: string }[] }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
  );
  const tables = rows.map(({ name }) => name);
  // Whoever looks here first finds each table behind a condition that is looked at once per query.
  await db.raw(`
    CREATE SCHEMA faulty;
    CREATE TABLE faulty.fault (sqlstate text NOT NULL);
    CREATE FUNCTION faulty.works() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
    DECLARE state text := (SELECT sqlstate FROM faulty.fault);
    BEGIN
      IF state IS NOT NULL THEN RAISE EXCEPTION 'not now' USING ERRCODE = state; END IF;
      RETURN true;
    END $$;
    ${tables.map(viewOf).join('\n')}
    -- A view's rows are of another type than those that the function of the table takes.
    CREATE FUNCTION faulty.kind_of_outcome(faulty.idempotency_outcomes) RETURNS text LANGUAGE sql AS
      'SELECT public.kind_of_outcome(ROW($1.*)::public.idempotency_outcomes)';
  `);
  const url = new URL(databaseUrl);
  url.searchParams.set('options', '-c search_path=faulty,public');
  const faulty: Db = connect(url.href, {
    applicationName: 'faulty',
    maxConnections: 20,
    waits: WAITS_OF_READERS,
  });
  const fault = () => db.withSchema('faulty').table('fault');
  return {
    faulty,
    tables,
    /** Runs `work` while every use of a table by the faulty way fails like this. */
    async whileFailing<T>(sqlstate: string, work: () => Promise<T>): Promise<T> {
      await fault().insert({ sqlstate });
      try {
        return await work();
      } finally {
        await fault().delete();
      }
    },
  };
}

function viewOf(table: string): string {
  return `CREATE VIEW faulty."${table}" AS SELECT * FROM public."${table}" WHERE faulty.works();`;
}
