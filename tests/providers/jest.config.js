/**
 * Our gateways against servers that speak their providers' language: `npm run test:providers`. The servers are built with Go and Python, so this is for CI.
 */
module.exports = {
  ...require('../../jest.config'),
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/providers/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // No database is needed.
  globalSetup: null,
  globalTeardown: null,
  maxWorkers: 1,
  // The first time the servers are downloaded and built.
  testTimeout: 300_000,
};
