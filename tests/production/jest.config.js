/** The build, as it runs in production: `npm run test:production`. It makes the build first, so it is not part of `npm test`. */
module.exports = {
  ...require('../../jest.config'),
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/production/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Each brings processes of its own, and in CI goes on beside other suites.
  maxWorkers: 3,
  testTimeout: 300_000,
};
