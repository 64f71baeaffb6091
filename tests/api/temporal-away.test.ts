import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { clientConnectionOptions } from '../../src/temporal/connection';
import { STARTING_MS } from '../support/shop';
import { devServerEnvironment } from '../support/temporal';

/** Temporal that can't be reached for a while, as during an upgrade of it. */

/** By then gRPC would wait for ten seconds before it tries again, by default. */
const AWAY_MS = 17_000;

const IS_BACK_WITHIN_MS = 3_000;

let env: TestWorkflowEnvironment;

beforeAll(async () => {
  env = await devServerEnvironment();
}, STARTING_MS);
afterAll(() => env.teardown());

/** The way to Temporal: a port that can be shut, with all connections through it. */
class Door {
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;

  constructor(
    private readonly target: { host: string; port: number },
    private port = 0,
  ) {}

  async open(): Promise<string> {
    const server = createServer((socket) => {
      const onward = connect(this.target);
      for (const [one, other] of [
        [socket, onward],
        [onward, socket],
      ] as const) {
        this.sockets.add(one);
        one.on('error', () => other.destroy()).on('close', () => other.destroy());
        one.pipe(other);
      }
    });
    this.server = server;
    await once(server.listen(this.port, '127.0.0.1'), 'listening');
    this.port = (server.address() as AddressInfo).port;
    return `127.0.0.1:${this.port}`;
  }

  async shut(): Promise<void> {
    const closed = this.server && once(this.server.close(), 'close');
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    await closed;
  }
}

test('a client finds a Temporal again within seconds, however long it was away', async () => {
  const { hostname: host, port } = new URL(`http://${env.address}`);
  const door = new Door({ host, port: Number(port) });
  const address = await door.open();
  const connection = Connection.lazy(clientConnectionOptions({ address, variables: {} }));
  const ask = () =>
    connection.withDeadline(Date.now() + 500, () => connection.workflowService.getSystemInfo({}));
  try {
    await ask();
    await door.shut();
    const until = Date.now() + AWAY_MS;
    while (Date.now() < until) {
      await expect(ask()).rejects.toThrow();
      await wait(250);
    }
    await door.open();
    const from = Date.now();
    while ((await ask().catch(() => undefined)) === undefined) await wait(50);
    expect(Date.now() - from).toBeLessThan(IS_BACK_WITHIN_MS);
  } finally {
    await connection.close();
    await door.shut();
  }
});
