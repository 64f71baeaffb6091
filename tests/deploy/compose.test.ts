import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { buildComposeParser, run } from './tools';

const FILE = path.join(ROOT, 'docker-compose.yml');

/** What has no default: without it Compose says what to set, and starts nothing. */
const REQUIRED = {
  POSTGRES_PASSWORD: 'a1b2c3',
  TEMPORAL_POSTGRES_PASSWORD: 'd4e5f6',
  PAYLOAD_ENCRYPTION_KEYS: 'k1:key',
  PAYMENT_EVENTS_SECRET: 'whsec_secret',
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
  healthcheck?: { disable?: boolean; test?: string[] };
  depends_on?: Record<string, { condition: string }>;
  environment?: Record<string, string>;
  ports?: { host_ip?: string; published: string; target: number }[];
  deploy?: { resources?: { limits?: { memory?: string } } };
}

let parser: string;

beforeAll(() => {
  parser = buildComposeParser();
});

function services(env: Record<string, string> = REQUIRED): Record<string, Service> {
  const { exitCode, stdout, stderr } = run(parser, [FILE], { env });
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  return (JSON.parse(stdout) as { services: Record<string, Service> }).services;
}

test('Compose accepts the file, and every part is in it', () => {
  expect(Object.keys(services()).sort()).toEqual([
    'api',
    'migrate',
    'postgres',
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

test('the API and the worker start when the database is migrated and Temporal knows its search attributes', () => {
  const { api, worker } = services();
  for (const service of [api, worker]) {
    expect(service).toMatchObject({ init: true, read_only: true, restart: 'unless-stopped' });
    expect(service?.depends_on).toMatchObject({
      migrate: { condition: 'service_completed_successfully' },
      'temporal-setup': { condition: 'service_completed_successfully' },
    });
    expect(service?.environment).toMatchObject({ NODE_ENV: 'production' });
  }
});

/** The parser is seen to refuse: what is wrong in these is what people get wrong. */
test.each<[fault: string, from: string, to: string, message: RegExp]>([
  ['a key that Compose does not know', 'shm_size:', 'shared_memory:', /shared_memory/],
  ['a dependency that is not there', 'migrate: { condition', 'migration: { condition', /migration/],
  ['a condition that does not exist', 'service_healthy', 'service_happy', /depends_on/],
  ['a network that is not there', 'networks: [bookings]', 'networks: [booking]', /booking/],
  ['a volume that is not there', "['api-logs:/data']", "['logs:/data']", /logs/],
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
