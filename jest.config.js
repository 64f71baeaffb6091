const { availableParallelism } = require('node:os');

/** Packages that come as ES modules only, which jest can't load as they are. */
const esModules = ['jose'];

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  runtime: '<rootDir>/tests/support/runtime.js',
  testSequencer: '<rootDir>/tests/support/sequencer.js',
  testMatch: ['<rootDir>/tests/**/*.test.ts', '<rootDir>/src/**/*.test.ts'],
  // Suites of their own, with their own set-up: see package.json's test:… scripts.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/tests/(production|deploy|browser|reliability|providers|cluster|node|fuzz|releases)/',
    '<rootDir>/tests/faults/checker/seat-ownership.test.ts',
  ],
  // The build holds a copy of package.json, and so do the copies of the tree that Stryker makes.
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/coverage/'],
  globalSetup: '<rootDir>/tests/support/global-setup.ts',
  globalTeardown: '<rootDir>/tests/support/global-teardown.ts',
  transform: {
    '^.+\\.[cm]?[jt]s$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esModules.join('|')})/)`],
  // Suites wait much of their time, for processes and for deadlines; more of them than this would wait for each other.
  maxWorkers: Math.min(8, 2 * availableParallelism()),
  // What one file leaves is only collected when there is much of it: such a process ends between two files.
  workerIdleMemoryLimit: '1GB',
  // Ends a test that hangs, on a slow machine too. What is promised in time, a test asserts itself.
  testTimeout: 300_000,
};
