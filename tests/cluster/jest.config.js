/**
 * What takes several processes of each kind and Temporal's full server: `npm run test:cluster`. The server is built with Go the first time, which takes
 * minutes, so this is for CI.
 */
module.exports = {
  ...require('../../jest.config'),
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/cluster/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // A cluster brings its own databases.
  globalSetup: null,
  globalTeardown: null,
  maxWorkers: 1,
  testTimeout: 300_000,
};
