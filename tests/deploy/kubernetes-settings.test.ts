import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../../scripts/stack/settings';
import { apiConfig, commandConfig, commandVariables, workerConfig } from '../../src/config';
import { renderExample, SECRETS_AT, type Example } from './manifests';
import { installKustomize, run } from './tools';

/** What the pods' processes are told by their environments and Secrets. */

let example: Example;
/** Secrets as `docker/secrets.sh` makes them. */
let secrets: string;

beforeAll(() => {
  installKustomize();
  example = renderExample();
  secrets = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-secrets-'));
  run('sh', ['docker/secrets.sh', secrets]);
}, 480_000);

afterAll(() => rmSync(secrets, { recursive: true, force: true }));

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

test('every variable is one that our configuration knows, or the image of Temporal does', () => {
  const [, fields = ''] =
    /const Environment = z\.object\(\{\n(.*?)\n\}\)/s.exec(read('src/config.ts')) ?? [];
  const known = [...fields.matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].flatMap(([, name = '']) => [
    name,
    `${name}_FILE`,
  ]);
  expect(known.length).toBeGreaterThan(50);
  for (const { container } of example.pods) {
    if (container.name === 'promote') continue;
    const names = Object.keys(example.environmentOf(container));
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
  }
});

/** The variables with secrets from the folder that the script fills, instead of where they are mounted. */
function onThisMachine(variables: Record<string, string>, files: Record<string, string>) {
  return Object.fromEntries(
    Object.entries({ NODE_ENV: 'production', WORKFLOW_BUNDLE: 'made', ...variables }).map(
      ([name, value]) => {
        if (!value.startsWith(`${SECRETS_AT}/`)) return [name, value];
        const key = path.basename(value);
        return [name, path.join(secrets, files[key] ?? key)];
      },
    ),
  );
}

test('production accepts the settings of the example', () => {
  const env = (name: string, files: Record<string, string>) =>
    onThisMachine(example.variablesOf(name), { temporal_api_key: 'stripe_secret_key', ...files });
  // Nobody has given us a secret of Stripe's: another one takes its place.
  const api = apiConfig(
    env('api', {
      database_url: 'api_database_url',
      stripe_webhook_secret: 'payment_events_secret',
    }),
  );
  expect(api).toMatchObject({
    shutdownDelayMs: 10_000,
    logging: { dir: null },
    metrics: { onPublicPort: false, host: '0.0.0.0', port: 9464 },
    auth: { kind: 'jwks' },
  });
  const worker = workerConfig({
    ...env('worker', { database_url: 'worker_database_url' }),
    STRIPE_SECRET_KEY: 'sk_test_of_nobody',
    STRIPE_SECRET_KEY_FILE: undefined,
  });
  expect(worker).toMatchObject({
    logging: { dir: null },
    deployment: { deploymentName: 'flight-bookings', buildId: '2026-11-25' },
    metrics: { host: '0.0.0.0', port: 9464, temporalPort: 9465 },
  });
  expect(new URL(worker.databaseUrl).username).toBe('worker');
  expect(new URL(api.databaseUrl).username).toBe('api');
  const migrate = commandConfig(commandVariables('none', env('migrate', {})));
  expect(migrate.processUrls).toMatchObject({
    api: expect.stringContaining('//api:') as string,
    worker: expect.stringContaining('//worker:') as string,
    sandbox: expect.stringContaining('//sandbox:') as string,
  });
});

test('a secret reaches a process as a file of its own Secret, and only migrations are the owner', () => {
  const volumes = example.pods.flatMap(({ container, pod }) =>
    pod.spec.volumes.flatMap(({ secret }) =>
      secret === undefined ? [] : [{ name: container.name, secret, container }],
    ),
  );
  expect(volumes.map(({ name, secret }) => [name, secret.secretName]).sort()).toEqual([
    ['api', 'api'],
    ['migrate', 'migrate'],
    ['worker', 'worker'],
  ]);
  for (const { secret, container } of volumes) {
    const files = Object.entries(example.environmentOf(container)).filter(([name]) =>
      name.endsWith('_FILE'),
    );
    const mounted = secret.items.map(({ path: file }) => `${SECRETS_AT}/${file}`);
    expect(files.map(([, file]) => file).sort()).toEqual(mounted.sort());
    const inClear = Object.keys(example.environmentOf(container)).filter((name) =>
      /(SECRET|PASSWORD|KEYS?|DATABASE_URL)$/.test(name),
    );
    expect(inClear).toEqual([]);
  }
});

test('the documentation says how to make each Secret, with every file that is mounted from it', () => {
  const [, section = ''] =
    /^## Kubernetes\n(.*?)(?=^## |$(?![\s\S]))/ms.exec(read('docs/deployment.md')) ?? [];
  for (const { pod } of example.pods) {
    for (const { secret } of pod.spec.volumes) {
      if (secret === undefined) continue;
      const [, command = ''] =
        new RegExp(`create secret generic ${secret.secretName}((?:.*\\\\\\n)*.*)`).exec(section) ??
        [];
      const made = [...command.matchAll(/--from-file=(\w+)/g)].map(([, key]) => key);
      expect(made).toEqual(expect.arrayContaining(secret.items.map(({ key }) => key)));
    }
  }
});
