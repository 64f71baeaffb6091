/** The API as its description says that it may be used, by a fuzzer: `npm run test:fuzz`. It needs python3, so this is for CI. */
module.exports = {
  ...require('../../jest.config'),
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/fuzz/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // A minute at most in CI; as long as one wants with more examples.
  testTimeout: 3_600_000,
};
