import { pgbenchScript, type Statement } from '../../bench/claims/script';

const BOOKING = 'd26a7df9-21b9-4fcf-bea7-eccd7c91340e';
const OTHER = '6f2f2f5c-0d7e-4a3e-9d43-3f3c58f2b1aa';

const variables = new Map([
  [BOOKING, 'booking'],
  ['12A', 'seat'],
]);

const scriptOf = (...statements: Statement[]) =>
  pgbenchScript('SELECT 1 AS n \\gset', statements, variables);

test('what differs from claim to claim becomes a variable, and all else stays as it was sent', () => {
  const script = scriptOf({
    text: 'INSERT INTO t VALUES ($1, $2, $3, $4)',
    values: [BOOKING, 20_000, null, 'economy'],
  });
  expect(script).toContain(`INSERT INTO t VALUES (:booking, 20000, NULL, E'economy');`);
});

test('an ID that is made anew each time is made anew by PostgreSQL', () => {
  expect(scriptOf({ text: 'SELECT $1', values: [OTHER] })).toContain('SELECT gen_random_uuid();');
});

test('no colon within a value is left that pgbench would take for a variable', () => {
  const body = { status: null, note: "it's 10:30" };
  const script = scriptOf({ text: 'SELECT $1', values: [body] });
  expect(script).toContain(`SELECT E'{"status"\\x3anull,"note"\\x3a"it''s 10\\x3a30"}';`);
});

test('what differs within JSON differs in the script, also as a part of a word', () => {
  const body = { workflowId: `booking-${BOOKING}`, seat: '12A', gate: '112A' };
  expect(scriptOf({ text: 'SELECT $1::json', values: [JSON.stringify(body)] })).toContain(
    `SELECT (E'{"workflowId"\\x3a"booking-'::text || :booking::text || ` +
      `E'","seat"\\x3a"'::text || :seat::text || E'","gate"\\x3a"112A"}'::text)::json;`,
  );
});

test('the seat is picked once, before the first statement that names it', () => {
  const script = scriptOf(
    { text: 'BEGIN;', values: [] },
    { text: 'UPDATE seats SET state = 1 WHERE seat_number = ANY($1)', values: [['12A']] },
    { text: 'INSERT INTO passengers VALUES ($1)', values: ['12A'] },
  );
  expect(script.match(/\\gset/g)).toHaveLength(2);
  expect(script.indexOf('BEGIN;')).toBeLessThan(script.indexOf('SKIP LOCKED'));
  expect(script).toContain('= ANY(ARRAY[:seat]);');
});

test('the lock of the chosen seat is not taken twice: the pick has it', () => {
  const lock = 'SELECT seat_number FROM seats WHERE seat_number = ANY($1) FOR UPDATE SKIP LOCKED';
  const script = scriptOf({ text: lock, values: [['12A']] });
  expect(script.match(/SKIP LOCKED/g)).toHaveLength(1);
});

test('a statement ends with one semicolon, whether it was sent with one or not', () => {
  const script = scriptOf({ text: 'COMMIT;', values: [] }, { text: 'BEGIN', values: [] });
  expect(script).toMatch(/^COMMIT;\nBEGIN;$/m);
});
