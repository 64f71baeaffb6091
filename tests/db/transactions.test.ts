import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { Client, Connection } from 'pg';
import { query } from '../../scripts/stack/postgres-cluster';
import { waitUntil } from '../../src/cli/wait';
import { connect, isDatabaseAway, type Db } from '../../src/db/connection';
import { call, run, runTogether, statement } from '../../src/db/statement';
import { inTransaction } from '../../src/db/transaction';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { PATIENCE_MS } from '../support/patience';

let database: TestDatabase;
/** One connection: whatever a test leaves on it, the next statement meets. */
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.knex.raw('CREATE TABLE notes (text text PRIMARY KEY, length int NOT NULL)');
  await database.knex.raw(
    `CREATE TABLE late_rules (text text REFERENCES notes DEFERRABLE INITIALLY DEFERRED)`,
  );
});
beforeEach(() => {
  db = connect(database.url, {
    applicationName: 'one-connection',
    maxConnections: 1,
    waits: { statementMs: 10_000, lockMs: 1_000, connectionMs: 5_000 },
  });
});
afterEach(() => db.destroy());
afterAll(() => database.drop());

const NOTE = statement<{ length: number }, [text: string]>(
  'test_note',
  'INSERT INTO notes (text, length) VALUES ($1::text, length($1)) RETURNING length',
);
const COUNT = statement<{ notes: number }, [text: string]>(
  'test_count',
  'SELECT CAST(count(*) AS int) AS notes FROM notes WHERE text = $1',
);
const DIVIDE = statement<{ quotient: number }, [by: number]>('test_divide', 'SELECT 1 / $1::int');
const BREAK_LATE = statement<object, [text: string]>(
  'test_break_late',
  'INSERT INTO late_rules (text) VALUES ($1)',
);

async function isNoted(text: string): Promise<boolean> {
  return (await database.knex('notes').where({ text }).first()) !== undefined;
}

async function isAnyoneWaiting(): Promise<boolean> {
  const { rows } = await database.knex.raw<{ rows: unknown[] }>(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'`,
  );
  return rows.length > 0;
}

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('statements that are sent together', () => {
  test('are run in their order, and each returns its rows', async () => {
    const text = randomUUID();
    const calls = [call(COUNT, [text]), call(NOTE, [text]), call(COUNT, [text])] as const;
    expect(await runTogether(db, calls)).toEqual([
      [{ notes: 0 }],
      [{ length: text.length }],
      [{ notes: 1 }],
    ]);
  });

  test.each([
    ['the first', (text: string) => [call(DIVIDE, [0]), call(NOTE, [text])], '22012'],
    ['the last', (text: string) => [call(NOTE, [text]), call(DIVIDE, [0])], '22012'],
    ['the commit', (text: string) => [call(NOTE, [text]), call(BREAK_LATE, ['no note'])], '23503'],
  ])('take no effect when %s fails, and can be sent again', async (_which, callsFor, code) => {
    const text = randomUUID();
    await expect(runTogether(db, callsFor(text))).rejects.toMatchObject({ code });
    expect(await isNoted(text)).toBe(false);
    await runTogether(db, [call(DIVIDE, [1]), call(NOTE, [text])]);
    expect(await isNoted(text)).toBe(true);
  });

  test('see what was committed while an earlier one of them waited', async () => {
    const text = randomUUID();
    const lock = statement<object, [name: string]>(
      'test_lock',
      'SELECT pg_advisory_xact_lock(hashtextextended($1, 0))',
    );
    const ahead = inTransaction(database.knex, [call(lock, [text])], async (trx) => {
      const behind = runTogether(db, [call(lock, [text]), call(COUNT, [text])]);
      await waitUntil(isAnyoneWaiting, {
        timeoutMs: PATIENCE_MS,
        onTimeout: () => new Error('Nobody waits for the lock'),
      });
      await run(trx, NOTE, [text]);
      return { behind };
    });
    expect(await (await ahead).behind).toEqual([expect.anything(), [{ notes: 1 }]]);
  });

  test('fail with an error that says where they were sent', async () => {
    await expect(run(db, DIVIDE, [0])).rejects.toMatchObject({
      stack: expect.stringContaining('transactions.test') as string,
    });
  });
});

describe('a transaction', () => {
  test('is committed when its work has succeeded, with what knex wrote in it', async () => {
    const [text, other] = [randomUUID(), randomUUID()];
    const length = await inTransaction(db, [call(NOTE, [text])], async (trx, [[note]]) => {
      await trx('notes').insert({ text: other, length: 1 });
      expect(await isNoted(text)).toBe(false);
      return note?.length;
    });
    expect(length).toBe(text.length);
    expect([await isNoted(text), await isNoted(other)]).toEqual([true, true]);
  });

  test.each([
    ['its first statement fails', (text: string) => [call(NOTE, [text]), call(DIVIDE, [0])], ok],
    ['a later statement fails', (text: string) => [call(NOTE, [text])], divideByZero],
    ['its work throws', (text: string) => [call(NOTE, [text])], refuse],
    ['its commit fails', (text: string) => [call(NOTE, [text]), call(BREAK_LATE, ['no note'])], ok],
    ['its work hides a failure', (text: string) => [call(NOTE, [text])], hideFailure],
  ])('leaves nothing when %s, and the connection can be used on', async (_when, first, work) => {
    const text = randomUUID();
    await expect(inTransaction(db, first(text), work)).rejects.toThrow(
      /division by zero|refused|violates foreign key|went on after its failure/,
    );
    expect(await isNoted(text)).toBe(false);
    expect(await run(db, COUNT, [text])).toEqual([{ notes: 0 }]);
    await expect(inTransaction(db, [call(NOTE, [text])], ok)).resolves.toBe('done');
  });

  test('waits for a lock as long as it may, and can be tried again', async () => {
    const text = randomUUID();
    await inTransaction(database.knex, [call(NOTE, [text])], async () => {
      const waitsForIt = inTransaction(db, [call(NOTE, [text])], ok);
      expect(isDatabaseAway(await failureOf(waitsForIt))).toBe(true);
    });
    expect(await run(db, COUNT, [text])).toEqual([{ notes: 1 }]);
  });

  test('whose connection is lost takes no effect; the pool replaces the connection', async () => {
    const text = randomUUID();
    const work = inTransaction(db, [call(NOTE, [text])], async (trx) => {
      const [backend] = await run(trx, BACKEND, []);
      await query(database.url, `SELECT pg_terminate_backend(${String(backend?.pid)})`);
      await run(trx, COUNT, [text]);
    });
    expect(isDatabaseAway(await failureOf(work))).toBe(true);
    expect(await run(db, COUNT, [text])).toEqual([{ notes: 0 }]);
  });

  test('within another one is a savepoint of it, which it can lose without the other', async () => {
    const [kept, lost] = [randomUUID(), randomUUID()];
    for (const outer of [
      (work: (trx: Db) => Promise<void>) => inTransaction(db, [], work),
      (work: (trx: Db) => Promise<void>) => db.transaction(work),
    ]) {
      await outer(async (trx) => {
        await expect(inTransaction(trx, [call(NOTE, [lost])], refuse)).rejects.toThrow('refused');
        await inTransaction(trx, [call(NOTE, [kept])], ok);
        expect(await isNoted(kept)).toBe(false);
      });
      expect([await isNoted(kept), await isNoted(lost)]).toEqual([true, false]);
      await database.knex('notes').delete();
    }
  });

  test('refuses what comes after its end', async () => {
    const over = await inTransaction(db, [], (trx) => Promise.resolve({ trx }));
    await expect(run(over.trx, COUNT, [''])).rejects.toThrow('after the end of its transaction');
  });
});

test.each([
  ['the driver', 'SELECT pg_sleep(60)', (db: Db, text: string) => run(db, sleeping(text), [])],
  ['knex', 'SELECT pg_sleep(61)', (db: Db, text: string) => db.raw(text)],
])(
  'a connection that breaks while %s runs a statement counts as lost',
  async (_who, text, send) => {
    const client = db.client as Knex.Client;
    const connection = (await client.acquireConnection()) as Client & { connection: Connection };
    await client.releaseConnection(connection);
    const failure = failureOf(send(db, text));
    await waitUntil(() => isAsleep(text), {
      timeoutMs: PATIENCE_MS,
      onTimeout: () => new Error('The statement does not run'),
    });
    connection.connection.stream.destroy();
    expect(isDatabaseAway(await failure)).toBe(true);
  },
);

const sleeping = (text: string) => statement<object, []>('test_sleep', text);

async function isAsleep(text: string): Promise<boolean> {
  const { rows } = await database.knex.raw<{ rows: unknown[] }>(
    `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query = ?`,
    [text],
  );
  return rows.length > 0;
}

const BACKEND = statement<{ pid: number }, []>('test_backend', 'SELECT pg_backend_pid() AS pid');

function ok(): Promise<string> {
  return Promise.resolve('done');
}

async function divideByZero(trx: Db): Promise<string> {
  await trx.raw('SELECT 1 / 0');
  return 'done';
}

function refuse(): Promise<string> {
  return Promise.reject(new Error('refused'));
}

async function hideFailure(trx: Db): Promise<string> {
  await divideByZero(trx).catch(() => undefined);
  return 'done';
}
