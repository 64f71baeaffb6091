import { Client } from 'pg';
import { query } from '../../scripts/stack/postgres-cluster';
import { waitUntil } from '../../src/cli/wait';
import type { Db } from '../../src/db/connection';

/**
 * Where a worker can be made to stand still between two effects, from the outside: by a lock in
 * PostgreSQL that exactly one statement of one booking needs. Nothing in the code under test knows
 * of it. A lock is waited for five seconds: whoever is to be killed must be by then.
 */
export interface Gate {
  /** Resolves once someone stands before it. */
  reached(): Promise<void>;
  /** Lets them go on. */
  open(): Promise<void>;
}

export async function untilReached(gates: Gate[]): Promise<void> {
  await Promise.all(gates.map((gate) => gate.reached()));
}

export async function openAll(gates: Gate[]): Promise<void> {
  await Promise.all(gates.map((gate) => gate.open()));
}

const REACHED_WITHIN_MS = 20_000;

/**
 * Closes a gate by a statement whose locks are kept until it is opened; what the statement writes
 * is never committed.
 */
async function closeGate(databaseUrl: string, sql: string, values: unknown[]): Promise<Gate> {
  const client = new Client({ connectionString: databaseUrl, application_name: 'gate' });
  // A PostgreSQL that is killed takes its gates along.
  client.on('error', () => undefined);
  await client.connect();
  await client.query('BEGIN');
  await client.query(sql, values);
  let opened: Promise<void> | undefined;
  const isReached = async () => {
    const { rowCount } = await client.query(
      'SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))',
    );
    return rowCount !== 0;
  };
  return {
    reached: () =>
      waitUntil(isReached, {
        timeoutMs: REACHED_WITHIN_MS,
        intervalMs: 20,
        onTimeout: () => new Error(`Nobody came to the gate ${sql} ${JSON.stringify(values)}`),
      }),
    open: () => (opened ??= client.end().catch(() => undefined)),
  };
}

/** Has each operation of the provider pass a door of its own, before its books are written. */
export async function putUpDoors(db: Db): Promise<void> {
  const door = (operation: string, when: string) => `
    CREATE TRIGGER ${operation}_door BEFORE ${when}
      EXECUTE FUNCTION sandbox_provider.pass_door('${operation}');`;
  const change = 'UPDATE ON sandbox_provider.payment_intents FOR EACH ROW';
  await db.raw(`
    CREATE FUNCTION sandbox_provider.pass_door() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock_shared(
        hashtextextended(TG_ARGV[0] || ' ' || NEW.idempotency_key, 0));
      RETURN NEW;
    END $$;
    ${door('authorize', 'INSERT ON sandbox_provider.payment_intents FOR EACH ROW')}
    ${door('capture', `${change} WHEN (NEW.status = 'captured')`)}
    ${door('void', `${change} WHEN (NEW.status = 'voided')`)}
    ${door('refund', 'INSERT ON sandbox_provider.refunds FOR EACH ROW')}
  `);
}

/** An outcome that a key of each route may be bound to. */
const OUTCOMES = {
  bookings: 'booking_created',
  payments: 'payment_captured',
  changes: 'change_completed',
};

/**
 * Every place where a worker can be held up. A row that somebody else is about to insert makes
 * whoever inserts the same wait for them.
 */
export function gatesOf(databaseUrl: string) {
  const closed = new Set<Gate>();
  const gate = async (sql: string, ...values: unknown[]) => {
    const one = await closeGate(databaseUrl, sql, values);
    closed.add(one);
    return one;
  };
  return {
    /** A test that failed may have left some closed. */
    openAll: () => openAll([...closed]),

    /** Before the claim of a customer looks at anything. */
    claim: (customerId: string) =>
      gate('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', customerId),

    /** In the transaction that binds a key, when all but its last statement is done. */
    bindingOf: (customerId: string, route: keyof typeof OUTCOMES, key: string) =>
      gate(
        `INSERT INTO idempotency_outcomes (caller_id, route, key, fingerprint, kind, body)
         VALUES ($1, $2, $3, 'gate', $4, '{}')`,
        customerId,
        route,
        key,
        OUTCOMES[route],
      ),

    /** Where the payment's row is inserted. */
    paymentRow: (paymentId: string, bookingId: string) =>
      gate(
        `INSERT INTO payments (id, booking_id, status, amount, currency, provider)
         VALUES ($1, $2, 'processing', 1, 'USD', 'gate')`,
        paymentId,
        bookingId,
      ),

    /** Where the row of a payment that is under way changes. */
    paymentChange: (paymentId: string) =>
      gate('SELECT FROM payments WHERE id = $1 FOR UPDATE', paymentId),

    /** At the provider's door: see {@link putUpDoors}. */
    provider: (key: string, operation: 'authorize' | 'capture' | 'void' | 'refund') =>
      gate('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', `${operation} ${key}`),

    /** Inside the provider, before the authorization gets into its books. */
    providersEntry: (paymentId: string) =>
      gate(
        `INSERT INTO sandbox_provider.payment_intents (id, idempotency_key, amount, currency, payment_method, status)
         VALUES ('gate-' || $1, $1, 1, 'USD', 'gate', 'authorized')`,
        paymentId,
      ),

    /** Inside the provider, before the capture or the refund of a payment gets into its books. */
    providersChange: (paymentId: string) =>
      gate(
        'SELECT FROM sandbox_provider.payment_intents WHERE idempotency_key = $1 FOR UPDATE',
        paymentId,
      ),

    /** Where another service's payment is inserted. */
    externalRow: (bookingId: string, providerPaymentId: string) =>
      gate(
        `INSERT INTO payments (id, booking_id, status, amount, currency, provider, provider_payment_id)
         VALUES (gen_random_uuid(), $1, 'voided', 1, 'USD', 'acme', $2)`,
        bookingId,
        providerPaymentId,
      ),

    /** Where a refund's row changes. */
    refundChange: (paymentId: string) =>
      gate('SELECT FROM refunds WHERE payment_id = $1 FOR UPDATE', paymentId),

    /** In the transaction that settles a booking: where its seats change hands. */
    seatsOf: (bookingId: string) =>
      gate('SELECT FROM seats WHERE booking_id = $1 FOR UPDATE', bookingId),

    /** Before a schedule change, a claim or a change of a booking looks at a flight. */
    flightLock: (flightId: string) =>
      gate("SELECT pg_advisory_xact_lock(hashtextextended('flight/' || $1, 0))", flightId),

    /** In the transaction that holds seats for a change, where its flights are written down. */
    changeSegments: (flightId: string) =>
      gate('SELECT FROM flight_cabins WHERE flight_id = $1 FOR UPDATE', flightId),

    /** Where whatever is decided about a sold booking begins; schedule changes pass. */
    decisionOf: (bookingId: string) =>
      gate('SELECT FROM bookings WHERE id = $1 FOR KEY SHARE', bookingId),

    /** In the transaction that sells, when money and seats are written and the booking is not. */
    bookingChange: (bookingId: string) =>
      gate('SELECT FROM bookings WHERE id = $1 FOR NO KEY UPDATE', bookingId),
  };
}

/** Commits take effect from now on, and whoever made them doesn't hear of it. */
export interface SilentCommits {
  /** Resolves once so many transactions are committed, and their makers wait to be told. */
  reached(count: number): Promise<void>;
  /** Makes commits known again. */
  end(): Promise<void>;
}

/**
 * Makes PostgreSQL keep its commits to itself: a commit is written to disk, then waits for a
 * standby server that there is none of. Whoever is killed meanwhile has committed and doesn't know.
 */
export async function silenceCommits(databaseUrl: string): Promise<SilentCommits> {
  const ask = (sql: string) => query<{ count: number }>(databaseUrl, sql);
  const silent = async () => {
    const [row] = await ask(
      `SELECT count(*)::int AS count FROM pg_stat_activity
       WHERE wait_event = 'SyncRep' AND application_name <> 'probe'`,
    );
    return row?.count ?? 0;
  };
  const probe = new Client({ connectionString: databaseUrl, application_name: 'probe' });
  probe.on('error', () => undefined);
  await probe.connect();

  await ask(`ALTER SYSTEM SET synchronous_standby_names = 'nobody'`);
  await ask('SELECT pg_reload_conf()');
  // The setting takes a moment: it holds once a commit of our own goes unanswered.
  let answered = true;
  while (answered) {
    answered = false;
    void probe
      .query(`SELECT pg_logical_emit_message(true, 'probe', '')`)
      .then(() => (answered = true))
      .catch(() => undefined);
    await waitUntil(() => answered, {
      timeoutMs: 150,
      intervalMs: 10,
      onTimeout: () => new Error('unanswered'),
    }).catch(() => undefined);
  }

  return {
    reached: (count) =>
      waitUntil(async () => (await silent()) === count, {
        timeoutMs: REACHED_WITHIN_MS,
        intervalMs: 20,
        onTimeout: () => new Error(`There were never ${count} silent commits`),
      }),
    end: async () => {
      await ask('ALTER SYSTEM RESET synchronous_standby_names');
      await ask('SELECT pg_reload_conf()');
      await probe.end().catch(() => undefined);
    },
  };
}
