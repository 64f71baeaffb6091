import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describeTarget, findTarget, required } from '../../src/cli/target';
import { TEST_KEY } from '../support/encryption';

/** What a command acts on: never on another system than the one that was asked for. */

const LOCAL = {
  DATABASE_URL: 'postgresql://me:hunter2@127.0.0.1:5433/flight_bookings',
  TEMPORAL_ADDRESS: '127.0.0.1:7233',
};
const OTHER = {
  DATABASE_URL: 'postgresql://me:hunter2@db.example/flights',
  TEMPORAL_ADDRESS: 'temporal.example:7233',
};

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'flight-bookings-target-'));
});

afterEach(() => {
  rmSync(dataDir, { recursive: true });
});

/** Lays out what a local stack leaves for other programs, as the process with this ID. */
function layOutStack(pid: number): void {
  const run = path.join(dataDir, 'run');
  mkdirSync(run);
  const lines = Object.entries(LOCAL).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(path.join(run, 'dev.env'), lines.join(''));
  writeFileSync(path.join(run, 'dev.lock'), String(pid));
  const secrets = { payloadEncryptionKeys: TEST_KEY };
  writeFileSync(path.join(dataDir, 'secrets.json'), JSON.stringify(secrets));
}

function find(env: NodeJS.ProcessEnv = {}) {
  const target = findTarget({ DATA_DIR: dataDir, ...env });
  const { databaseUrl, temporal, encryptionKeys } = target.config;
  return {
    target,
    isLocal: target.stack !== undefined,
    names: {
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: temporal.address,
      hasKeys: encryptionKeys !== undefined,
    },
  };
}

describe('while a local stack runs', () => {
  beforeEach(() => layOutStack(process.pid));

  test('it is meant where nothing is named', () => {
    expect(find()).toMatchObject({ isLocal: true, names: { ...LOCAL, hasKeys: true } });
  });

  test.each(['DATABASE_URL', 'TEMPORAL_ADDRESS'] as const)(
    'it is meant where %s alone names it',
    (name) => {
      const found = find({ [name]: LOCAL[name] });
      expect(found).toMatchObject({ isLocal: true, names: { ...LOCAL, hasKeys: true } });
    },
  );

  test.each(['DATABASE_URL', 'TEMPORAL_ADDRESS'] as const)(
    'where %s names another system nothing is taken from it',
    (name) => {
      const { isLocal, names, target } = find({ [name]: OTHER[name] });
      expect(isLocal).toBe(false);
      expect(names).toEqual({
        DATABASE_URL: undefined,
        TEMPORAL_ADDRESS: undefined,
        hasKeys: false,
        [name]: OTHER[name],
      });
      expect(() => required(names.hasKeys || undefined, 'A_SETTING', target)).toThrow(
        `A_SETTING is not set: ${name} names another system than the local stack in ${dataDir}.`,
      );
    },
  );

  test('half of it and half of another system is another system', () => {
    const mixed = { ...LOCAL, TEMPORAL_ADDRESS: OTHER.TEMPORAL_ADDRESS };
    expect(find(mixed)).toMatchObject({ isLocal: false, names: { ...mixed, hasKeys: false } });
  });

  test('it is never meant in production', () => {
    const { isLocal, names } = find({ NODE_ENV: 'production' });
    expect({ isLocal, names }).toEqual({
      isLocal: false,
      names: { DATABASE_URL: undefined, TEMPORAL_ADDRESS: undefined, hasKeys: false },
    });
  });

  test('keys that are set are used, not its own', () => {
    const own = `own:${Buffer.alloc(32, 1).toString('base64')}`;
    const { target } = find({ PAYLOAD_ENCRYPTION_KEYS: own });
    expect(target.config.encryptionKeys?.map(({ id }) => id)).toEqual(['own']);
  });

  test('its name says where it is, and no secret', () => {
    expect(describeTarget(find().target)).toBe(
      `On the local stack in ${dataDir}: PostgreSQL 127.0.0.1:5433/flight_bookings, ` +
        'Temporal 127.0.0.1:7233 (namespace default).',
    );
  });
});

test('a local stack that has ended is not meant', () => {
  const { pid } = spawnSync('true');
  layOutStack(pid);
  expect(find()).toMatchObject({ isLocal: false, names: { DATABASE_URL: undefined } });
});

test('another system is named by what was set for it', () => {
  expect(describeTarget(find(OTHER).target)).toBe(
    'On PostgreSQL db.example/flights, Temporal temporal.example:7233 (namespace default).',
  );
});

test('a database that a file names is no other than one that is set', () => {
  layOutStack(process.pid);
  const file = path.join(dataDir, 'database_url');
  writeFileSync(file, `${LOCAL.DATABASE_URL}\n`);
  expect(find({ DATABASE_URL_FILE: file })).toMatchObject({ isLocal: true, names: LOCAL });
});
