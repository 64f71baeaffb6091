/** The Dockerfile, the Compose file, the Kubernetes manifests and the alerts, read by real parsers: `npm run test:deploy`. They need Go and Python, so this is for CI. */
module.exports = {
  ...require('../../jest.config'),
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/deploy/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // The first time the tools are downloaded and built.
  testTimeout: 300_000,
};
