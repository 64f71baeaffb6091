/**
 * npm run rooms: which room of the house may know which.
 *
 * Imports go one way, so that a booking can be understood, tested and changed without the web, and the web without SQL.
 */

/** A value import is code that comes along; `import type` is knowledge of a shape only, and disappears in the build. */
const types = { dependencyTypes: ['type-only'] };
const values = { dependencyTypesNot: ['type-only'] };

/** The files of src/db that only read. ESLint refuses a write in them; what writes is for the activities. */
const READ_QUERIES = '^src/db/(connection|[a-z-]+/[a-z-]+-view)[.]ts$';

/** The files of src/db that write tables of the API's own, in which there is no booking, no seat and no money. */
const API_TABLES =
  '^src/db/(access/codec-sessions|changes/quotes|external-payments/received-events|webhooks/(endpoints|new-deliveries|secret-cipher))[.]ts$';

/** What a room may import from the others, beside itself: files whose code it may run, and files of which it may know the types. */
const ROOMS = {
  domain: {
    comment: 'What is true of bookings in any technology: the domain imports nothing but itself.',
  },
  workflows: {
    comment:
      'Workflows are replayed: they import the domain and the message contracts, and know the activities by their types alone.',
    code: ['^src/domain/', '^src/temporal/contracts/'],
    types: ['^src/activities/'],
  },
  activities: {
    comment:
      'Activities use the database, the payment provider, notifications and the domain; of Temporal they know messages and clients by type.',
    code: ['^src/(db|payments|notifications|domain)/'],
    types: ['^src/temporal/'],
  },
  db: {
    comment: 'The database knows the domain, and the messages that it stores and answers.',
    code: ['^src/domain/', '^src/temporal/(contracts/booking|external-payment-id)[.]ts$'],
    types: ['^src/temporal/(contracts/|operator-texts/money[.]ts$)'],
  },
  payments: {
    comment:
      "Payment providers know the domain; the sandbox's own books have row types of their own, and prepare statements as ours do.",
    code: ['^src/domain/', '^src/db/statement[.]ts$'],
    types: ['^src/db/rows/sandbox_provider/', '^src/db/connection[.]ts$'],
  },
  notifications: {
    comment:
      'Notifications say what those outside hear, and send it; they know the domain, and neither the database nor Temporal.',
    code: ['^src/domain/'],
  },
  temporal: {
    comment:
      'Contracts, and the clients that the API, the worker and the command line share, are made of words of the domain; operators read amounts and ways as people write them, and refusals in clear.',
    code: [
      '^src/domain/(abridged|booking-reference|cancellation|fare|itinerary|money|new-booking|refusal|refusal-texts)[.]ts$',
    ],
    types: ['^src/domain/'],
  },
  'telemetry/metrics': {
    comment:
      'Metrics read what is open in the books, and of the activities that they count they know the types.',
    code: ['^src/db/[a-z-]+/[a-z-]+-view[.]ts$'],
    types: [
      '^src/(activities|domain|temporal)/',
      '^src/payments/watched[.]ts$',
      '^src/db/connection[.]ts$',
    ],
  },
  'telemetry/tracing': {
    comment:
      'Traces follow whatever is done and know nothing of the trade; API and worker start them, workflows take their part along in the bundle.',
  },
  operations: {
    comment:
      'What operators are shown of both the database and Temporal, by the API and by the command line; it reads alone.',
    code: ['^src/(domain|temporal)/', READ_QUERIES],
    types: ['^src/db/'],
  },
  api: {
    comment:
      'The API reads the database and asks workflows for everything that changes it; of payments it verifies webhooks, and shows the sandbox’s cards.',
    code: [
      '^src/(domain|operations|temporal|telemetry/metrics)/',
      '^src/telemetry/tracing/start[.]ts$',
      READ_QUERIES,
      API_TABLES,
      '^src/payments/(.*webhook|sandbox/cards[.]ts$)',
      '^src/notifications/webhooks/public-address[.]ts$',
    ],
    types: ['^src/db/', '^src/payments/'],
  },
  cli: {
    comment:
      'The command line reads the database and asks workflows for what changes bookings and money. It writes by the migrations, the schedule and the erasure of personal data alone; it runs the same audit as the workers.',
    code: [
      '^src/(domain|operations|temporal)/',
      READ_QUERIES,
      '^src/db/(migrate|prepare|flights/schedule|personal-data/erase)[.]ts$',
      '^src/activities/(audit|provider-comparison|flight-schedule/(horizon|lay-out|week))[.]ts$',
      '^src/payments/(open|gateway)[.]ts$',
      '^src/secret-files[.]ts$',
    ],
    types: ['^src/db/', '^src/payments/'],
  },
  worker: {
    comment:
      'The worker wires the activities to their database and providers; workflows it loads as a bundle, by path, never by import.',
    code: [
      '^src/(activities|domain|temporal|db|payments|notifications|telemetry/metrics)/',
      '^src/telemetry/tracing/(start|tracing)[.]ts$',
    ],
  },
};

const SHARED_CODE = '^src/(telemetry/logger|package-root)[.]ts$';
const SHARED_TYPES = '^src/(config|mail-settings|telemetry/logger)[.]ts$';
/** Deterministic code can't write a log file, and only a process's main file reads its configuration. */
const LOGS = { domain: false, workflows: false };
const READS_CONFIG = { api: true, cli: true, worker: true };

/** Two rules a room: what code it may import from other rooms, and of what it may know the types. */
function rulesOf([room, { comment, code = [], types: known = [] }]) {
  const own = `^src/${room}/`;
  const shared = [
    ...(LOGS[room] === false ? [] : [SHARED_CODE]),
    ...(READS_CONFIG[room] ? ['^src/config[.]ts$'] : []),
  ];
  const sharedTypes = room === 'domain' ? [] : [SHARED_TYPES];
  return [
    {
      name: `${room}-imports`,
      comment,
      severity: 'error',
      from: { path: own },
      to: { path: '^src/', pathNot: [own, ...code, ...shared], ...values },
    },
    {
      name: `${room}-types`,
      comment,
      severity: 'error',
      from: { path: own },
      to: { path: '^src/', pathNot: [own, ...code, ...known, ...shared, ...sharedTypes], ...types },
    },
  ];
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(ROOMS).flatMap(rulesOf),
    {
      name: 'domain-is-pure',
      comment: 'The domain needs no library and nothing of Node: it could be explained on paper.',
      severity: 'error',
      from: { path: '^src/domain/', pathNot: '[.]test[.]ts$' },
      to: { pathNot: '^src/' },
    },
    {
      name: 'workflows-are-deterministic',
      comment:
        "Workflow code may be replayed years later: Temporal's workflow library is all it gets beside the domain.",
      severity: 'error',
      from: {
        path: '^src/(workflows/|temporal/(contracts/|(reserved-names|encryption/(failure|payload)-converter)[.]ts$)|telemetry/tracing/(workflow-interceptors|traceparent))',
        pathNot: '[.]test[.]ts$',
      },
      to: { pathNot: ['^src/', '^node_modules/@temporalio/(workflow|common)/'] },
    },
    {
      name: 'processes-are-not-imported',
      comment:
        'The API, the worker and the command line are where everything comes together: no other room needs them.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(api|cli|worker)/' },
      to: { path: '^src/(api|cli|worker)/' },
    },
    {
      name: 'foundations-stand-alone',
      comment: 'Configuration and logging are below every room.',
      severity: 'error',
      from: {
        path: '^src/(config|mail-settings|production-rules|secret-files|telemetry/logger)[.]ts$',
      },
      to: {
        path: '^src/',
        pathNot: '^src/(config|mail-settings|production-rules|secret-files)[.]ts$',
      },
    },
    {
      name: 'production-stands-alone',
      comment: 'What runs in production knows nothing of tests, tools and benchmarks.',
      severity: 'error',
      from: { path: '^(src|migrations)/', pathNot: '[.]test[.]ts$' },
      to: { path: '^(scripts|tests|bench|migrations)/' },
    },
    {
      name: 'console-is-a-client',
      comment:
        "The console's page is a client like any other: it knows the API by its client package, and nothing of the server.",
      severity: 'error',
      from: { path: '^console/src/' },
      to: { pathNot: ['^console/src/', '^clients/typescript/src/', '^node_modules/preact/'] },
    },
    {
      name: 'sql-lives-in-db',
      comment:
        'SQL is written in src/db; the sandbox provider keeps its own books, as a company of its own would.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(db|payments/sandbox)/' },
      to: { path: '^node_modules/(knex|pg|pg-[a-z-]+)/' },
    },
    {
      name: 'only-traces-load-open-telemetry',
      comment:
        'Who sends no traces pays nothing for them: the libraries are behind the one file that is loaded on demand. Their facade is next to nothing.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/telemetry/tracing/' },
      to: {
        path: ['^node_modules/@opentelemetry/', '^src/telemetry/tracing/open-telemetry'],
        pathNot: '^node_modules/@opentelemetry/api/',
      },
    },
    {
      name: 'fault-checker-stands-alone',
      comment:
        'The checker of fault runs judges the product by what anyone outside can see: it knows none of its code, and nothing of who played the run.',
      severity: 'error',
      from: { path: '^tests/faults/(checker|history)/' },
      to: {
        path: '^(src|migrations|scripts|bench|clients|console|tests)/',
        pathNot: ['^tests/faults/(checker|history)/', '^tests/support/(tools|random)[.]ts$'],
      },
    },
    {
      name: 'no-development-packages',
      comment: 'An installation without development packages must run all that the image runs.',
      severity: 'error',
      from: {
        path: '^(src/|migrations/|scripts/bundle-workflows[.]ts$)',
        pathNot: '[.]test[.]ts$',
      },
      to: { dependencyTypes: ['npm-dev'], ...values },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'A package that package.json does not name is there by chance.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'everything-resolves',
      comment: 'An import that leads nowhere fails at run time.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-circles',
      comment:
        'Two files that need each other are one file, or lack a third. Row types are generated: foreign keys may go round.',
      severity: 'error',
      from: { pathNot: '^src/db/rows/' },
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment:
        'A file that imports nothing and that nothing imports is left over; jest, Vite and the bundle of workflows know their own by name.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [
          '[.]d[.]ts$',
          '^tests/support/global-teardown[.]ts$',
          '^console/vite[.]config[.]mts$',
          '^src/workflows/shared/stack-traces[.]ts$',
        ],
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Generated and built files are not ours to judge.
    exclude: { path: '(^|/)(dist|coverage|[.]data)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
    skipAnalysisNotInRules: true,
  },
};
