import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { buildComposeParser, run } from './tools';

const FILE = path.join(ROOT, 'docker-compose.yml');

/** What has no default: without it Compose says what to set, and starts nothing. */
const REQUIRED = {
  AUTH_ISSUER: 'https://issuer.example',
  AUTH_AUDIENCE: 'shops',
};

interface Service {
  image: string;
  user?: string;
  privileged?: boolean;
  read_only?: boolean;
  restart?: string;
  init?: boolean;
  build?: object;
  healthcheck?: { disable?: boolean; test?: string[] };
  depends_on?: Record<string, { condition: string }>;
  environment?: Record<string, string>;
  ports?: { host_ip?: string; published: string; target: number }[];
  secrets?: { source: string; target: string }[];
  deploy?: { replicas?: number; resources?: { limits?: { memory?: string } } };
}

interface Project {
  services: Record<string, Service>;
  secrets: Record<string, { file: string }>;
}

let parser: string;

beforeAll(() => {
  parser = buildComposeParser();
});

function project(env: Record<string, string> = {}): Project {
  const { exitCode, stdout, stderr } = run(parser, [FILE], { env: { ...REQUIRED, ...env } });
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as Project;
}

function services(env: Record<string, string> = {}): Record<string, Service> {
  return project(env).services;
}

const OURS = ['api-1', 'api-2', 'worker'];

test('Compose accepts the file, and every part is in it', () => {
  expect(Object.keys(services()).sort()).toEqual([
    'api-1',
    'api-2',
    'migrate',
    'postgres',
    'promote',
    'proxy',
    'seed',
    'temporal',
    'temporal-postgres',
    'temporal-schema',
    'temporal-setup',
    'temporal-ui',
    'worker',
  ]);
});

test.each(Object.keys(REQUIRED))('without %s nothing starts, and Compose says so', (variable) => {
  const env = Object.fromEntries(Object.entries(REQUIRED).filter(([name]) => name !== variable));
  const { exitCode, stderr } = run(parser, [FILE], { env });
  expect(stderr).toContain(`required variable ${variable} is missing a value`);
  expect(exitCode).toBe(1);
});

test('an image is pinned to a version, and nothing is open to other machines', () => {
  for (const { image, privileged, ports = [] } of Object.values(services())) {
    if (!image.startsWith('flight-bookings:')) expect(image).toMatch(/:\d/);
    expect(privileged).toBeUndefined();
    expect(ports.filter(({ host_ip: host }) => host !== '127.0.0.1')).toEqual([]);
  }
});

test('our processes start when the database is migrated and Temporal knows what it must', () => {
  const all = services();
  for (const name of OURS) {
    const service = all[name];
    expect(service).toMatchObject({ init: true, read_only: true, restart: 'unless-stopped' });
    expect(service?.environment).toMatchObject({ NODE_ENV: 'production' });
    const temporal = name === 'worker' ? 'temporal-setup' : 'promote';
    expect(service?.depends_on).toMatchObject({
      migrate: { condition: 'service_completed_successfully' },
      [temporal]: { condition: 'service_completed_successfully' },
    });
  }
  expect(all.worker?.deploy?.replicas).toBe(2);
});

test('a secret reaches a container as a file, and no environment holds one', () => {
  const { services: all, secrets } = project();
  for (const [name, { environment = {}, secrets: given = [] }] of Object.entries(all)) {
    const files = Object.entries(environment).filter(([variable]) => variable.endsWith('_FILE'));
    for (const [, file] of files)
      expect({ name, secrets: given.map(({ target }) => target) }).toEqual({
        name,
        secrets: expect.arrayContaining([file]) as string[],
      });
    const inClear = Object.keys(environment).filter((variable) =>
      /(SECRET|PASSWORD|PWD|KEYS?|DATABASE_URL)$/.test(variable),
    );
    expect({ name, inClear }).toEqual({ name, inClear: [] });
  }
  // The script makes every one that the file names, once, and for nobody else to read.
  const folder = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-secrets-'));
  const made = () => readdirSync(folder).map((file) => readFileSync(path.join(folder, file)));
  expect(run('sh', ['docker/secrets.sh', folder])).toMatchObject({ exitCode: 0, stderr: '' });
  const first = made();
  expect(run('sh', ['docker/secrets.sh', folder])).toMatchObject({ exitCode: 0, stdout: '' });
  expect(made()).toEqual(first);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readdirSync(folder).sort()).toEqual(
    Object.values(secrets)
      .map(({ file }) => path.basename(file))
      .sort(),
  );
  rmSync(folder, { recursive: true });
});

test('each process signs in to PostgreSQL as a user of its own, and none as the owner of the tables', () => {
  const all = services({ COMPOSE_PROFILES: 'rollout' });
  const secretsOf = (name: string) =>
    (all[name]?.secrets ?? [])
      .map(({ source }) => source)
      .filter((source) => source.endsWith('database_url'))
      .sort();
  const apis = ['api-1', 'api-2'].map(secretsOf);
  expect(apis).toEqual([['api_database_url'], ['api_database_url']]);
  for (const name of ['worker', 'worker-previous'])
    expect(secretsOf(name)).toEqual(['sandbox_database_url', 'worker_database_url']);
  const { flights } = services({ COMPOSE_PROFILES: 'tools' });
  expect(flights?.environment).toMatchObject({
    DATABASE_URL_FILE: '/run/secrets/worker_database_url',
  });
  const owners = Object.keys(all).filter((name) => secretsOf(name).includes('database_url'));
  expect(owners.sort()).toEqual(['migrate', 'seed']);
  expect(all['api-1']?.environment).toMatchObject({
    DATABASE_URL_FILE: '/run/secrets/api_database_url',
  });
  expect(all.worker?.environment).toMatchObject({
    DATABASE_URL_FILE: '/run/secrets/worker_database_url',
    SANDBOX_DATABASE_URL_FILE: '/run/secrets/sandbox_database_url',
  });
});

test('while a release is rolled out, its workers stand beside those of the one before, which is not built anew', () => {
  const env = { COMPOSE_PROFILES: 'rollout', IMAGE_TAG: 'v2', PREVIOUS_IMAGE_TAG: 'v1' };
  const { worker, 'worker-previous': previous, promote, ...others } = services(env);
  const release = (tag: string) => ({
    image: `flight-bookings:${tag}`,
    environment: { WORKER_BUILD_ID: tag, WORKER_DEPLOYMENT_NAME: 'flight-bookings' },
  });
  expect(worker).toMatchObject(release('v2'));
  expect(previous).toMatchObject(release('v1'));
  expect(previous).not.toHaveProperty('build');
  expect(promote?.environment).toMatchObject(release('v2').environment);
  expect(others['api-1']?.image).toBe('flight-bookings:v2');
});

/** The parser is seen to refuse: what is wrong in these is what people get wrong. */
test.each<[fault: string, from: string, to: string, message: RegExp]>([
  ['a key that Compose does not know', 'shm_size:', 'shared_memory:', /shared_memory/],
  ['a dependency that is not there', 'migrate: { condition', 'migration: { condition', /migration/],
  ['a condition that does not exist', 'service_healthy', 'service_happy', /depends_on/],
  ['a network that is not there', 'networks: [bookings]', 'networks: [booking]', /booking/],
  ['a volume that is not there', 'postgres:/var/lib', 'postgre:/var/lib', /postgre/],
  ['a secret that is not there', '[postgres_password]', '[password]', /password/],
])('%s is refused', (_fault, from, to, message) => {
  const text = readFileSync(FILE, 'utf8');
  expect(text).toContain(from);
  const planted = path.join(os.tmpdir(), `flight-bookings-${process.pid}.yml`);
  writeFileSync(planted, text.replaceAll(from, to));
  const { exitCode, stderr } = run(parser, [planted], { env: REQUIRED });
  rmSync(planted);
  expect(stderr).toMatch(message);
  expect(exitCode).toBe(1);
});
