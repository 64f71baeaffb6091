import { cloneSources, type Clone } from './clone';

/**
 * Every import rule is seen to fail: one fault for each, planted in a copy of the sources, and all
 * of them found in one run.
 */
const FAULTS: [rule: string, file: string, text: string][] = [
  ['domain-imports', 'src/domain/planted-room.ts', "import '../db/connection';"],
  ['domain-types', 'src/domain/planted-type.ts', "export type { Db } from '../db/connection';"],
  [
    'domain-is-pure',
    'src/domain/planted-knex.ts',
    "import knex from 'knex';\nexport const db = knex({});",
  ],
  [
    'domain-is-pure',
    'src/domain/planted-node.ts',
    "import { randomUUID } from 'node:crypto';\nexport const id = randomUUID();",
  ],
  [
    'workflows-imports',
    'src/workflows/planted-db.ts',
    "import { connect } from '../db/connection';\nexport { connect };",
  ],
  [
    'workflows-imports',
    'src/workflows/planted-activity.ts',
    "import { createActivities } from '../activities';\nexport { createActivities };",
  ],
  [
    'workflows-types',
    'src/workflows/planted-type.ts',
    "import type { Db } from '../db/connection';\nexport type A = Db;",
  ],
  [
    'workflows-are-deterministic',
    'src/workflows/planted-node.ts',
    "import { randomUUID } from 'node:crypto';\nexport const id = randomUUID();",
  ],
  [
    'workflows-are-deterministic',
    'src/temporal/contracts/retries.ts',
    "import { randomUUID } from 'node:crypto';\nexport const messageIdOf = randomUUID;",
  ],
  [
    'activities-imports',
    'src/activities/planted.ts',
    "import { bookingWorkflow } from '../workflows';\nexport { bookingWorkflow };",
  ],
  [
    'activities-types',
    'src/activities/planted-type.ts',
    "import type { AuthConfig } from '../api/auth';\nexport type A = AuthConfig;",
  ],
  [
    'db-imports',
    'src/db/planted.ts',
    "import { createSandboxGateway } from '../payments/sandbox/gateway';\nexport { createSandboxGateway };",
  ],
  [
    'db-types',
    'src/db/planted-type.ts',
    "import type { PaymentGateway } from '../payments/gateway';\nexport type A = PaymentGateway;",
  ],
  [
    'payments-imports',
    'src/payments/planted.ts',
    "import { connect } from '../db/connection';\nexport { connect };",
  ],
  [
    'payments-types',
    'src/payments/planted-type.ts',
    "import type Bookings from '../db/rows/public/Bookings';\nexport type A = Bookings;",
  ],
  [
    'notifications-imports',
    'src/notifications/planted.ts',
    "import { connect } from '../db/connection';\nexport { connect };",
  ],
  [
    'notifications-types',
    'src/notifications/planted-type.ts',
    "import type { Db } from '../db/connection';\nexport type A = Db;",
  ],
  [
    'temporal-imports',
    'src/temporal/planted.ts',
    "import { availableActions } from '../domain/booking';\nexport { availableActions };",
  ],
  [
    'temporal-types',
    'src/temporal/planted-type.ts',
    "import type { Db } from '../db/connection';\nexport type A = Db;",
  ],
  [
    'telemetry/metrics-imports',
    'src/telemetry/metrics/planted.ts',
    "import { createActivities } from '../../activities';\nexport { createActivities };",
  ],
  [
    'telemetry/metrics-types',
    'src/telemetry/metrics/planted-type.ts',
    "import type { PaymentGateway } from '../../payments/gateway';\nexport type A = PaymentGateway;",
  ],
  [
    'telemetry/tracing-imports',
    'src/telemetry/tracing/planted.ts',
    "import { routeOf } from '../../api/route-table';\nexport { routeOf };",
  ],
  [
    'telemetry/tracing-types',
    'src/telemetry/tracing/planted-type.ts',
    "import type { Booking } from '../../domain/booking';\nexport type A = Booking;",
  ],
  [
    'only-traces-load-open-telemetry',
    'src/worker/planted-traces.ts',
    "import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';\nexport { NodeTracerProvider };",
  ],
  [
    'api-imports',
    'src/api/planted-write.ts',
    "import { holdSeats } from '../db/seats/seats';\nexport { holdSeats };",
  ],
  [
    'api-imports',
    'src/api/planted-workflow.ts',
    "import { bookingWorkflow } from '../workflows';\nexport { bookingWorkflow };",
  ],
  [
    'api-types',
    'src/api/planted-type.ts',
    "import type { DatabaseActivities } from '../activities';\nexport type A = DatabaseActivities;",
  ],
  [
    'worker-imports',
    'src/worker/planted.ts',
    "import { bookingWorkflow } from '../workflows';\nexport { bookingWorkflow };",
  ],
  [
    'worker-types',
    'src/worker/planted-type.ts',
    "import type { AuthConfig } from '../api/auth';\nexport type A = AuthConfig;",
  ],
  [
    'operations-imports',
    'src/operations/planted-api.ts',
    "import { Problem } from '../api/problem';\nexport { Problem };",
  ],
  [
    'operations-types',
    'src/operations/planted-type.ts',
    "import type { DatabaseActivities } from '../activities';\nexport type A = DatabaseActivities;",
  ],
  [
    'cli-imports',
    'src/cli/planted-write.ts',
    "import { holdSeats } from '../db/seats/seats';\nexport { holdSeats };",
  ],
  [
    'cli-imports',
    'src/cli/planted-api.ts',
    "import { Problem } from '../api/problem';\nexport { Problem };",
  ],
  [
    'cli-types',
    'src/cli/planted-type.ts',
    "import type { AuthConfig } from '../api/auth';\nexport type A = AuthConfig;",
  ],
  [
    'processes-are-not-imported',
    'src/temporal/planted-cli.ts',
    "import { describeError } from '../cli/failure';\nexport { describeError };",
  ],
  [
    'processes-are-not-imported',
    'src/db/planted-api.ts',
    "import { Problem } from '../api/problem';\nexport { Problem };",
  ],
  [
    'foundations-stand-alone',
    'src/config.ts',
    "import { CABINS } from './domain/cabin';\nexport { CABINS };",
  ],
  [
    'production-stands-alone',
    'src/worker/planted-script.ts',
    "import { rows } from '../../scripts/rows';\nexport { rows };",
  ],
  [
    'console-is-a-client',
    'console/src/planted.ts',
    "import { CABINS } from '../../src/domain/cabin';\nexport { CABINS };",
  ],
  ['sql-lives-in-db', 'src/api/planted-sql.ts', "import { Client } from 'pg';\nexport { Client };"],
  [
    'fault-checker-stands-alone',
    'tests/faults/checker/planted-product.ts',
    "import type { Booking } from '../../../src/domain/booking';\nexport type A = Booking;",
  ],
  [
    'fault-checker-stands-alone',
    'tests/faults/history/planted-player.ts',
    "import { playRun } from '../planted-run';\nexport { playRun };",
  ],
  [
    'no-development-packages',
    'src/worker/planted-package.ts',
    "import fc from 'fast-check';\nexport { fc };",
  ],
  [
    'no-undeclared-packages',
    'src/worker/planted-stranger.ts',
    "import webpack from 'webpack';\nexport { webpack };",
  ],
  [
    'everything-resolves',
    'src/db/planted-nowhere.ts',
    "import { nothing } from './nowhere';\nexport { nothing };",
  ],
  [
    'no-circles',
    'src/db/planted-circle.ts',
    "import { b } from './planted-other-half';\nexport const a = 1;\nexport { b };",
  ],
  ['no-orphans', 'src/db/planted-orphan.ts', 'export const alone = true;'],
];

const HELPERS = {
  'src/db/planted-other-half.ts': "import { a } from './planted-circle';\nexport const b = a;",
  'scripts/rows.ts': 'export const rows = 1;',
  'tests/faults/planted-run.ts': 'export const playRun = 1;',
};

interface Report {
  summary: { violations: { from: string; rule: { name: string } }[] };
}

let clone: Clone;
let found: string[];

beforeAll(() => {
  clone = cloneSources();
  clone.plant({ ...HELPERS, ...Object.fromEntries(FAULTS.map(([, file, text]) => [file, text])) });
  const tool = 'dependency-cruiser/bin/dependency-cruise.mjs';
  const options = [
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'json',
    '--preserve-symlinks',
  ];
  const { summary } = clone.run(tool, [
    ...options,
    'src',
    'migrations',
    'console',
    'tests',
  ]) as Report;
  found = summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`);
});

afterAll(() => clone.remove());

test.each(FAULTS)('%s stops %s', (rule, file) => {
  expect(found).toContain(`${rule}: ${file}`);
});

test('every rule is among them', () => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the configuration is JavaScript.
  const { forbidden } = require('../../.dependency-cruiser.cjs') as {
    forbidden: { name: string }[];
  };
  const planted = new Set(FAULTS.map(([rule]) => rule));
  const unseen = forbidden.map(({ name }) => name).filter((name) => !planted.has(name));
  expect(unseen).toEqual([]);
});
