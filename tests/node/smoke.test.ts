import { readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { runCommand } from '../../scripts/stack/commands';
import { ROOT } from '../../scripts/stack/settings';
import { openLocalShop, STACK } from '../e2e/local-shop';
import { mainNode, provideNodes, testedNodes } from '../support/node-versions';

/**
 * What each supported version of Node must do, beside the one on which all suites run. The packages
 * are those that are installed: their native libraries fit every version (Node-API).
 */

let folder: string;

beforeAll(() => {
  folder = provideNodes();
});

const others = testedNodes().filter(({ version }) => version !== mainNode());

describe.each(others)('Node $version', ({ name, version }) => {
  const bin = () => path.join(folder, name, 'bin');
  const env = () => ({
    ...process.env,
    NODE_ENV: undefined,
    JEST_WORKER_ID: undefined,
    PATH: `${bin()}${path.delimiter}${process.env.PATH ?? ''}`,
  });
  const run = (command: string, args: string[]) =>
    runCommand(command, args, { timeoutMs: 500_000, env: env() });

  test('makes the build, which replays every recorded history', async () => {
    expect(await run('node', ['--version'])).toMatchObject({ stdout: `v${version}\n` });
    expect(await run('npm', ['run', 'build'])).toMatchObject({ exitCode: 0 });
    const count = readdirSync(path.join(ROOT, 'tests/replay/histories')).length;
    expect(await run('node', ['dist/src/cli/main.js', 'gate', '--recorded'])).toMatchObject({
      exitCode: 0,
      stdout: `Recorded histories: ${String(count)} replayed, 0 failed\n`,
    });
  });

  test('runs the local stack, which sells a booking and leaves no process behind', async () => {
    const shop = await openLocalShop({
      ...STACK,
      paymentWindowSeconds: 300,
      env: { PATH: env().PATH },
    });
    try {
      for (const part of ['api', 'worker'])
        expect(readlinkSync(`/proc/${String(shop.pidOf(part))}/exe`)).toBe(
          path.join(bin(), 'node'),
        );
      const booking = await shop.holdTwo(await shop.findFlight('SFO', 2));
      expect(await shop.customer.pay(booking)).toMatchObject({
        status: 201,
        body: { status: 'captured', bookingStatus: 'booked' },
      });
    } finally {
      await shop.close();
    }
  });
});
