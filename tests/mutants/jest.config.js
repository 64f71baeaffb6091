/**
 * The tests that are to notice a mutant. `npm run test:mutants` runs them in a copy of the tree, on a
 * PostgreSQL of its own that serves many runs.
 */
module.exports = {
  ...require('../../jest.config'),
  rootDir: '../..',
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: undefined,
  globalTeardown: undefined,
  testSequencer: require.resolve('@jest/test-sequencer'),
  // A test that waits for what no longer happens has noticed it.
  testTimeout: 30_000,
  maxWorkers: 1,
};
