import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { withSecretFiles } from './secret-files';

/** Secrets that are mounted as files, and what is said when they can't be had. */

const SECRET = 'a secret that nobody may see';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Mounts a secret; answers where. */
function mount(text: string): string {
  const file = path.join(folder, 'secret');
  writeFileSync(file, text);
  return file;
}

/** What a refusal says; empty when nothing is refused. */
function complaintOf(environment: NodeJS.ProcessEnv): string {
  try {
    withSecretFiles(environment);
    return '';
  } catch (error) {
    expect(error).toMatchObject({ name: 'ConfigurationError' });
    return (error as Error).message;
  }
}

test.each([
  ...['DATABASE_URL', 'SANDBOX_DATABASE_URL', 'API_DATABASE_URL', 'WORKER_DATABASE_URL'],
  ...['TEMPORAL_API_KEY', 'PAYLOAD_ENCRYPTION_KEYS', 'AUTH_JWT_SECRET'],
  ...['PAYMENT_EVENTS_SECRET', 'STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET'],
])('%s may be in a file', (name) => {
  expect(withSecretFiles({ [`${name}_FILE`]: mount(SECRET), PORT: '3000' })).toMatchObject({
    [name]: SECRET,
    PORT: '3000',
  });
});

test('other variables can’t: files are for secrets', () => {
  expect(withSecretFiles({ PORT_FILE: mount('3000') })).not.toHaveProperty('PORT');
});

test.each([
  ['\n', 'of an editor'],
  ['\r\n', 'of another editor'],
])('the line end behind it is no part of it (%j, %s)', (lineEnd) => {
  const given = withSecretFiles({ AUTH_JWT_SECRET_FILE: mount(` ${SECRET} ${lineEnd}`) });
  expect(given.AUTH_JWT_SECRET).toBe(` ${SECRET} `);
});

test.each([
  ['a variable that is set to nothing', () => ({ AUTH_JWT_SECRET: '' })],
  ['a file of no name', () => ({ AUTH_JWT_SECRET_FILE: '' })],
  ['a file with nothing in it', () => ({ AUTH_JWT_SECRET_FILE: mount('') })],
  ['a file with nothing but a line end in it', () => ({ AUTH_JWT_SECRET_FILE: mount('\n') })],
])('%s counts as not set', (_, environment) => {
  expect(withSecretFiles(environment())).not.toHaveProperty('AUTH_JWT_SECRET');
});

test('an empty variable does not count as set twice', () => {
  const given = withSecretFiles({ AUTH_JWT_SECRET: '', AUTH_JWT_SECRET_FILE: mount(SECRET) });
  expect(given.AUTH_JWT_SECRET).toBe(SECRET);
});

test('a secret that is given both ways is refused, even if they agree', () => {
  const complaint = complaintOf({
    AUTH_JWT_SECRET: SECRET,
    AUTH_JWT_SECRET_FILE: mount(SECRET),
  });
  expect(complaint).toContain('AUTH_JWT_SECRET and AUTH_JWT_SECRET_FILE are both set');
  expect(complaint).not.toContain(SECRET);
});

test('a file that can’t be read is refused, by its variable and with the system’s reason', () => {
  const missing = path.join(folder, 'missing');
  const unreadable = "DATABASE_URL_FILE: the file that it names can't be read";
  expect(complaintOf({ DATABASE_URL_FILE: missing })).toContain(`${unreadable} (ENOENT).`);
  expect(complaintOf({ DATABASE_URL_FILE: folder })).toContain(`${unreadable} (EISDIR).`);
});

test('all faults are named at once, and no secret is shown', () => {
  const complaint = complaintOf({
    STRIPE_SECRET_KEY: SECRET,
    STRIPE_SECRET_KEY_FILE: mount(SECRET),
    DATABASE_URL_FILE: path.join(folder, 'missing'),
    AUTH_JWT_SECRET: SECRET,
  });
  expect(complaint.split('\n')).toHaveLength(3);
  expect(complaint).not.toContain(SECRET);
});

test('a secret in the place of its file’s name is refused, and not shown', () => {
  const complaint = complaintOf({ AUTH_JWT_SECRET_FILE: SECRET });
  expect(complaint).toContain('AUTH_JWT_SECRET_FILE');
  expect(complaint).not.toContain(SECRET);
});
