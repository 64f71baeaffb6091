/**
 * Bookings that begin on the build of an earlier commit and end on this one: `npm run test:releases`. It takes the commit out of the clone's history,
 * so this is for CI.
 */
module.exports = {
  ...require('../../jest.config'),
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/releases/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Each stack brings its own database.
  globalSetup: null,
  globalTeardown: null,
  maxWorkers: 1,
};
