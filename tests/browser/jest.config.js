/** What people see in a browser: `npm run test:browser`. It needs a Chromium, so it is not part of `npm test`. */
module.exports = {
  ...require('../../jest.config'),
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/browser/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Each brings processes of its own, and in CI goes on beside other suites.
  maxWorkers: 3,
  // Some look at a dozen pages, each for seconds where other suites go on beside.
  testTimeout: 300_000,
};
