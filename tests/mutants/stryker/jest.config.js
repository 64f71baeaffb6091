/** The tests that need no server, for Stryker: of the domain, and the simulation of workflows. */
module.exports = {
  ...require('../../../jest.config'),
  rootDir: '../../..',
  testMatch: ['<rootDir>/src/domain/**/*.test.ts', '<rootDir>/tests/simulation/simulation.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: undefined,
  globalTeardown: undefined,
  runtime: undefined,
  testSequencer: require.resolve('@jest/test-sequencer'),
};
