import path from 'node:path';
import { readSettings, ROOT } from '../../scripts/stack/settings';

test('with nothing set, everything is embedded, on the documented ports and in .data', () => {
  const settings = readSettings({});
  expect(settings.ports.map(({ port }) => port)).toEqual([3000, 5433, 7233, 8233]);
  expect(settings.dataDir).toBe(path.join(ROOT, '.data'));
});

test('a part that runs on another machine needs no port here', () => {
  const settings = readSettings({
    DATABASE_URL: 'postgresql://me:secret@db.example/flights',
    TEMPORAL_ADDRESS: 'temporal.example:7233',
  });
  expect(settings.ports.map(({ variable }) => variable)).toEqual(['PORT']);
});

test('a variable that is set to nothing counts as not set', () => {
  expect(readSettings({ PORT: '', DATABASE_URL: '' })).toEqual(readSettings({}));
});

test.each([
  [{ PORT: 'abc' }, 'PORT can\'t be "abc": it must be a port number from 1 to 65535.'],
  [{ POSTGRES_PORT: '0' }, 'POSTGRES_PORT can\'t be "0"'],
  [{ TEMPORAL_PORT: '70000' }, 'TEMPORAL_PORT can\'t be "70000"'],
  [{ SCHEDULE_DAYS: '1.5' }, 'SCHEDULE_DAYS can\'t be "1.5"'],
  [{ PORT: '5433' }, 'PORT (the API) and POSTGRES_PORT (PostgreSQL) are both 5433'],
])('%j is refused with a sentence', (env, message) => {
  expect(() => readSettings(env)).toThrow(message);
});

test('no secret is shown, even a wrong one', () => {
  const env = {
    DATABASE_URL: 'mysql://me:hunter2@db',
    AUTH_JWT_SECRET: 'hunter2',
    PAYLOAD_ENCRYPTION_KEYS: 'k1:hunter2',
  };
  expect(() => readSettings(env)).toThrow(
    /DATABASE_URL.*\n.*AUTH_JWT_SECRET.*\n.*PAYLOAD_ENCRYPTION_KEYS/,
  );
  expect(() => readSettings(env)).not.toThrow(/hunter2/);
});
