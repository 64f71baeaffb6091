/**
 * The other supported versions of Node, beside that of .nvmrc, on which all other suites run: `npm
 * run test:node`. It fetches each, and makes the build on each, so this is for CI.
 */
module.exports = {
  ...require('../../jest.config'),
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/node/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Each stack brings its own database.
  globalSetup: null,
  globalTeardown: null,
  maxWorkers: 1,
  // A build and a stack each take a minute of one idle core.
  testTimeout: 600_000,
};
