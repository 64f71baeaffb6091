import type { Knex } from 'knex';
import { ACCESS, DATABASE_ROLES } from '../../src/db/access/access';
import { grantAccess } from '../../src/db/access/grants';
import { createTestDatabase, type Process, type TestDatabase } from '../support/database';
import { putFlightOnSale } from '../support/flights';

const INSUFFICIENT_PRIVILEGE = '42501';
const WRITES = ['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE'] as const;
type Write = (typeof WRITES)[number];
const PROCESSES = ['api', 'worker', 'sandbox'] as const;

/** What the migrations write, as the owner, and no process ever. */
const OF_THE_OWNER = ['public.schema_migrations', 'public.schema_migrations_lock'];
/** What extends the flight schedule: a worker adds to it. What is on sale it never changes. */
const ADDED_TO_ONLY = [
  'public.airports',
  'public.carriers',
  'public.flight_cabins',
  'public.flight_schedule_days',
  'public.flight_schedule_inbound_days',
];
/** What the API may write, as the design has it: what it was asked, and never what is sold. */
const OF_THE_API =
  /^public\.(rate_limits|codec_sessions|change_quotes|received_payment_events|webhook_\w+)$/;

let database: TestDatabase;
const pools = new Map<Process, Knex>();
let tables: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  for (const process of PROCESSES) pools.set(process, database.as(process));
  const { rows } = await database.knex.raw<{ rows: { name: string }[] }>(
    `SELECT schemaname || '.' || tablename AS name FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY name`,
  );
  tables = rows.map(({ name }) => name);
});

afterAll(() => database.drop());

/**
 * Tries a statement as a process, and takes it back; the SQLSTATE of its refusal, if it was
 * refused.
 */
async function attempt(process: Process, statement: string): Promise<string> {
  const pool = pools.get(process);
  if (pool === undefined) throw new Error(`Bug: the test has no pool for ${process}`);
  const trx = await pool.transaction();
  try {
    await trx.raw(statement);
    return 'done';
  } catch (error) {
    return String((error as { code?: string }).code);
  } finally {
    await trx.rollback();
  }
}

/** Permission is checked before anything else: a statement that would fail otherwise is allowed. */
async function isAllowed(process: Process, write: Write, table: string): Promise<boolean> {
  const [column] = await columnsOf(table);
  const statement = {
    INSERT: `INSERT INTO ${table} DEFAULT VALUES`,
    UPDATE: `UPDATE ${table} SET ${column ?? ''} = NULL WHERE false`,
    DELETE: `DELETE FROM ${table} WHERE false`,
    TRUNCATE: `TRUNCATE ${table} CASCADE`,
  }[write];
  return (await attempt(process, statement)) !== INSUFFICIENT_PRIVILEGE;
}

async function columnsOf(table: string): Promise<string[]> {
  const { rows } = await database.knex.raw<{ rows: { name: string }[] }>(
    `SELECT attname AS name FROM pg_attribute
     WHERE attrelid = CAST(? AS regclass) AND attnum > 0 AND NOT attisdropped AND attidentity = ''`,
    [table],
  );
  return rows.map(({ name }) => name);
}

async function allowedWrites(process: Process): Promise<Record<string, Write[]>> {
  const allowed: Record<string, Write[]> = {};
  for (const table of tables)
    for (const write of WRITES)
      if (await isAllowed(process, write, table)) (allowed[table] ??= []).push(write);
  return allowed;
}

test('the API writes no booking, seat or money: its own tables and no other', async () => {
  const written = Object.keys(await allowedWrites('api'));
  expect(written.filter((table) => !OF_THE_API.test(table))).toEqual([]);
});

test('a worker changes nothing that was written for good, nor the books of the provider', async () => {
  const allowed = await allowedWrites('worker');
  for (const table of OF_THE_OWNER) expect(allowed).not.toHaveProperty([table]);
  expect(Object.keys(allowed).filter((table) => table.startsWith('sandbox_provider'))).toEqual([]);
  for (const table of ['booking_events', 'ledger_transactions', 'ledger_postings'])
    expect(allowed[`public.${table}`]).toEqual(['INSERT']);
  for (const table of ADDED_TO_ONLY) expect(allowed[table]).toEqual(['INSERT']);
  // Of a flight that is on sale its times and status alone: a trigger keeps the rest.
  for (const table of ['bookings', 'flights', 'passengers', 'payments', 'unsold_seats'])
    expect(allowed[`public.${table}`]).toEqual(['INSERT', 'UPDATE']);
  // Which seats it may delete, a trigger says.
  expect(allowed['public.seats']).toEqual(['INSERT', 'UPDATE', 'DELETE']);
});

test.each(['flight_number', 'origin', 'destination', 'carrier_code'])(
  'nobody changes the %s of a flight, not even the owner of the tables',
  async (column) => {
    const { id } = await putFlightOnSale(database.knex, { seats: 1 });
    const changing = database
      .knex('flights')
      .where({ id })
      .update({ [column]: 'XX1' });
    await expect(changing).rejects.toMatchObject({ code: '23001' });
  },
);

test('the sandbox provider writes its own books, and can’t even read ours', async () => {
  const written = Object.keys(await allowedWrites('sandbox'));
  expect(written.filter((table) => !table.startsWith('sandbox_provider.'))).toEqual([]);
  expect(written).not.toEqual([]);
  for (const table of tables.filter((name) => name.startsWith('public.')))
    expect(await attempt('sandbox', `SELECT FROM ${table} LIMIT 1`)).toBe(INSUFFICIENT_PRIVILEGE);
});

test('the API can’t read the provider’s books, nor a worker what belongs to the API alone', async () => {
  for (const table of tables.filter((name) => name.startsWith('sandbox_provider.')))
    expect(await attempt('api', `SELECT FROM ${table} LIMIT 1`)).toBe(INSUFFICIENT_PRIVILEGE);
  for (const table of ['public.rate_limits', 'public.codec_sessions'].filter((name) =>
    tables.includes(name),
  ))
    expect(await attempt('worker', `SELECT FROM ${table} LIMIT 1`)).toBe(INSUFFICIENT_PRIVILEGE);
});

test('every table is some process’s to write, or the owner’s alone: a new one must be listed', () => {
  const listed = new Set([
    ...OF_THE_OWNER,
    ...Object.values(ACCESS).flatMap(({ writes }) => Object.keys(writes)),
  ]);
  expect(tables.filter((table) => !listed.has(table))).toEqual([]);
});

describe.each(PROCESSES)('the user of the %s', (process) => {
  test.each([
    'ALTER TABLE public.bookings DISABLE TRIGGER ALL',
    'ALTER TABLE public.seats DISABLE TRIGGER seats_have_their_booking',
    'SET session_replication_role = replica',
    'DROP TRIGGER bookings_are_paid ON public.bookings',
    'ALTER TABLE public.payments ADD COLUMN note text',
    'CREATE OR REPLACE FUNCTION public.refuse_to_unapply() RETURNS trigger LANGUAGE sql AS $$ $$',
    'CREATE TABLE public.pocket (amount bigint)',
    'CREATE TABLE sandbox_provider.pocket (amount bigint)',
    'CREATE SCHEMA pocket',
    'DROP TABLE public.ledger_postings',
    'CREATE ROLE thief SUPERUSER',
    'GRANT flight_bookings TO CURRENT_USER',
    'SET ROLE flight_bookings',
    'ALTER TABLE public.bookings OWNER TO CURRENT_USER',
    "COPY public.bookings TO PROGRAM 'cat'",
    "SELECT pg_read_file('/etc/passwd')",
  ])('is refused: %s', async (statement) => {
    expect(await attempt(process, statement)).toMatch(/^(42501|42P13)$/);
  });

  test('owns nothing, and is no superuser', async () => {
    const role = { api: 0, worker: 1, sandbox: 2 }[process];
    const { rows } = await database.knex.raw(
      `SELECT bool_or(rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication) AS mighty,
         (SELECT count(*) FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner
          WHERE o.rolname IN (:user, :role)) AS owned
       FROM pg_roles WHERE rolname IN (:user, :role)`,
      { user: process, role: DATABASE_ROLES[role] ?? '' },
    );
    expect(rows).toEqual([{ mighty: false, owned: 0 }]);
  });
});

test('access that is no longer listed is taken away, and what was lost is given again', async () => {
  await database.knex.raw(`
    GRANT UPDATE ON public.bookings TO flight_bookings_api;
    REVOKE SELECT ON public.flights FROM flight_bookings_api`);
  expect(await isAllowed('api', 'UPDATE', 'public.bookings')).toBe(true);

  await grantAccess(database.knex);

  expect(await isAllowed('api', 'UPDATE', 'public.bookings')).toBe(false);
  expect(await attempt('api', 'SELECT FROM public.flights LIMIT 1')).toBe('done');
});
