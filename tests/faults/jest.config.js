/**
 * What of the checker of fault runs needs Go, to build the search for an order of each seat's history: `npm run test:checker`. All else
 * of it is part of `npm test`.
 */
module.exports = {
  ...require('../../jest.config'),
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/faults/checker/seat-ownership.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: undefined,
  globalTeardown: undefined,
  maxWorkers: 1,
};
