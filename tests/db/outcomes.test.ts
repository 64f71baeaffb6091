import { down, up } from '../../migrations/20261126001000_name_outcomes';
import { bindOutcome } from '../../src/db/idempotency/bind-outcome';
import type { Decision, IdempotencyKey } from '../../src/db/idempotency/outcome';
import { findOutcome } from '../../src/db/idempotency/outcome-view';
import type { Booking } from '../../src/domain/booking';
import type { Payment } from '../../src/domain/payment';
import { createTestDatabase, type TestDatabase } from '../support/database';

/**
 * An outcome says what was decided. The release before stored the HTTP status instead: both read
 * what either has written, so that they can run beside each other.
 */

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

type Stored = [statusCode: number, route: IdempotencyKey['route'], decision: Decision];

const CREATED: Stored = [
  201,
  'bookings',
  { kind: 'booking_created', body: { id: 'a-booking' } as Booking },
];
const LIMITED: Stored = [
  429,
  'bookings',
  { kind: 'hold_limit_reached', body: { code: 'too_many_holds', detail: 'Too many.' } },
];
const DECISIONS: Stored[] = [
  CREATED,
  LIMITED,
  [
    409,
    'bookings',
    { kind: 'booking_refused', body: { code: 'seats_unavailable', detail: 'None is left.' } },
  ],
  [201, 'payments', { kind: 'payment_captured', body: { id: 'a-payment' } as Payment }],
  [
    402,
    'payments',
    { kind: 'payment_declined', body: { code: 'payment_declined', detail: 'Declined.' } },
  ],
];

const keyOn = (route: IdempotencyKey['route']): IdempotencyKey => ({
  callerId: 'ada',
  route,
  key: 'key-1',
});

/** Binds a key as the release before does. */
async function bindByStatus(
  { callerId, route, key }: IdempotencyKey,
  { statusCode, body }: { statusCode: number; body: unknown },
): Promise<void> {
  await database.knex.raw(
    `INSERT INTO idempotency_outcomes (caller_id, route, key, fingerprint, status_code, body)
     VALUES (?, ?, ?, 'of-then', ?, ?)
     ON CONFLICT (caller_id, route, key) DO UPDATE
       SET fingerprint = excluded.fingerprint, status_code = excluded.status_code, body = excluded.body
       WHERE idempotency_outcomes.status_code = 429`,
    [callerId, route, key, statusCode, JSON.stringify(body)],
  );
}

/** Reads the outcome of a key as the release before does. */
async function readByStatus({ callerId, route, key }: IdempotencyKey) {
  return database
    .knex('idempotency_outcomes')
    .where({ caller_id: callerId, route, key })
    .first('fingerprint', 'status_code', 'body');
}

describe.each(DECISIONS)('%i on /%s', (statusCode, route, decision) => {
  const key = keyOn(route);
  const outcome = { fingerprint: 'of-then', ...decision };

  test('stored before kinds existed is read as its kind, with the same body', async () => {
    await down(database.knex);
    await bindByStatus(key, { statusCode, body: decision.body });
    await up(database.knex);
    expect(await findOutcome(database.knex, key)).toEqual(outcome);
  });

  test('stored by the release before, beside this one, is read as its kind', async () => {
    await bindByStatus(key, { statusCode, body: decision.body });
    expect(await findOutcome(database.knex, key)).toEqual(outcome);
  });

  test('stored by its kind is read by the release before as its status', async () => {
    await bindOutcome(database.knex, key, outcome);
    expect(await readByStatus(key)).toEqual({
      fingerprint: 'of-then',
      status_code: statusCode,
      body: decision.body,
    });
  });

  test('is kept when a release stores another outcome, unless it never bound the key', async () => {
    const [, , other] = DECISIONS.filter(([, of]) => of === route).find(
      ([, , { kind }]) => kind !== decision.kind,
    )!;
    await bindOutcome(database.knex, key, outcome);
    await bindOutcome(database.knex, key, { fingerprint: 'later', ...other });
    const kept = decision.kind === 'hold_limit_reached' ? other : decision;
    expect(await findOutcome(database.knex, key)).toMatchObject(kept);
  });
});

describe('a limit of holds that a release before stored', () => {
  const key = keyOn('bookings');
  const [[created, , booked], [limited, , limit]] = [CREATED, LIMITED];

  test.each(['before kinds existed', 'since'])(
    '%s is replaced by a booking, whichever release makes it',
    async (when) => {
      for (const release of ['this', 'the one before']) {
        const ofRelease = { ...key, key: release };
        if (when === 'before kinds existed') await down(database.knex);
        await bindByStatus(ofRelease, { statusCode: limited, body: limit.body });
        if (when === 'before kinds existed') await up(database.knex);
        if (release === 'this')
          await bindOutcome(database.knex, ofRelease, { fingerprint: 'later', ...booked });
        else await bindByStatus(ofRelease, { statusCode: created, body: booked.body });
        expect(await findOutcome(database.knex, ofRelease)).toMatchObject(booked);
        expect(await readByStatus(ofRelease)).toMatchObject({ status_code: created });
      }
    },
  );
});

test('an outcome of neither release is refused: no kind of its route, or no kind at all', async () => {
  const { knex } = database;
  const store = (columns: string, value: string) =>
    knex.raw(
      `INSERT INTO idempotency_outcomes (caller_id, route, key, fingerprint, body, ${columns})
       VALUES ('ada', 'bookings', 'key-1', '', '{}', ${value})`,
    );
  await expect(store('kind', "'payment_captured'")).rejects.toThrow('idempotency_outcomes_kind');
  await expect(store('kind', 'NULL')).rejects.toThrow('idempotency_outcomes_kind');
  await expect(store('kind', "'sold'")).rejects.toThrow('idempotency_outcomes_kind');
});
