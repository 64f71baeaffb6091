import { existsSync } from 'node:fs';
import path from 'node:path';
import { lastLine, runCommand } from '../../../scripts/stack/commands';
import { StackFailure } from '../../../scripts/stack/failure';
import type { Service } from '../../../scripts/stack/service';

const HOST = '127.0.0.1';

/** It holds 200 MB, which most machines never need. */
const INSTALL_TIMEOUT_MS = 300_000;

export interface RestatePorts {
  ingress: number;
  admin: number;
  node: number;
}

/** Restate's server on the loopback interface, with its data in a folder of this run's. */
export function restateServer(dataDir: string, ports: RestatePorts): Service {
  const folder = path.join(dataDir, 'restate');
  const { PATH, HOME } = process.env;
  return {
    name: 'restate-server',
    title: 'restate-server',
    logFile: path.join(dataDir, 'logs', 'restate.log'),
    prepare: async () => ({
      command: await program(),
      args: ['--base-dir', folder],
      env: {
        PATH,
        HOME,
        RESTATE_ADMIN__BIND_ADDRESS: `${HOST}:${ports.admin}`,
        RESTATE_INGRESS__BIND_ADDRESS: `${HOST}:${ports.ingress}`,
        RESTATE_BIND_ADDRESS: `${HOST}:${ports.node}`,
        RESTATE_ADVERTISED_ADDRESS: `http://${HOST}:${ports.node}`,
        RESTATE_DISABLE_TELEMETRY: 'true',
        RUST_LOG: 'warn',
      },
    }),
    untilServing: () =>
      fetch(`http://${HOST}:${ports.admin}/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    stopSignal: 'SIGTERM',
    graceMs: 15_000,
  };
}

/** Tells the server where the handlers are. Safe to repeat. */
export async function registerHandlers({ admin }: RestatePorts, port: number): Promise<boolean> {
  return await fetch(`http://${HOST}:${admin}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `http://${HOST}:${port}` }),
  }).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Returns the server's program, having installed it where it is not yet. */
async function program(): Promise<string> {
  const file = path.join(
    __dirname,
    `node_modules/@restatedev/restate-server-${process.platform}-${process.arch}/bin/restate-server`,
  );
  if (existsSync(file)) return file;
  const args = ['install', '--prefix', __dirname, '--ignore-scripts', '--no-package-lock'];
  const result = await runCommand('npm', args, { timeoutMs: INSTALL_TIMEOUT_MS });
  if (result.exitCode === 0 && existsSync(file)) return file;
  throw new StackFailure(`Restate's server can't be installed: ${lastLine(result.stderr)}`);
}
