const { availableParallelism } = require('node:os');

/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/tests/support/jest/environment.js',
  runtime: '<rootDir>/tests/support/jest/runtime.js',
  testSequencer: '<rootDir>/tests/support/sequencer.js',
  testMatch: ['<rootDir>/tests/**/*.test.ts', '<rootDir>/src/**/*.test.ts'],
  // Suites of their own, with their own set-up: see package.json's test:… scripts.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/tests/(production|deploy|browser|reliability|providers|cluster)/',
  ],
  // The build holds a copy of package.json.
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
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
  // Suites wait much of their time, for processes and for deadlines; more of them than this would wait for each other.
  maxWorkers: Math.min(4, availableParallelism() + 1),
  // A Temporal server starts in a second or two, on a busy machine in several.
  testTimeout: 30_000,
};
