/**
 * What is killed, raced and run out of time: suites that keep both cores busy by themselves. `npm test` runs them after all others, those in
 * `alone`, which measure time or leave none over, last; by themselves, one after another: `npm run test:reliability`.
 */
module.exports = {
  ...require('../../jest.config'),
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/reliability/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
};
